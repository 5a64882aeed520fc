import Primitives

/// The date format of HTTP, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, IMF-fixdate).
public enum HTTPDate {
    /// The last second of the year 9999, behind which the year has no four digits.
    private static let lastSecond: Int64 = 253_402_300_799

    /// Appends the 29 bytes of a moment, given in seconds since the start of 1970 in UTC. A moment
    /// before 1970 or after 9999, which only a broken clock gives, is moved to that bound.
    public static func append(secondsSince1970: Int64, to output: inout [UInt8]) {
        let seconds = min(max(secondsSince1970, 0), lastSecond)
        let day = Int(seconds / 86_400)
        let second = Int(seconds % 86_400)
        let date = CalendarDay(daysSince1970: day)
        // The first day of 1970 was a Thursday.
        output.append(weekday(day % 7))
        appendTwo(date.day, to: &output)
        output.append(month(date.month))
        appendTwo(date.year / 100, to: &output)
        appendTwo(date.year % 100, to: &output)
        output.append(.space)
        appendTwo(second / 3600, to: &output)
        output.append(.colon)
        appendTwo(second / 60 % 60, to: &output)
        output.append(.colon)
        appendTwo(second % 60, to: &output)
        output.append(" GMT")
    }

    private static func appendTwo(_ number: Int, to output: inout [UInt8]) {
        output.append(0x30 + UInt8(number / 10))
        output.append(0x30 + UInt8(number % 10))
    }

    private static func weekday(_ daysFromThursday: Int) -> StaticString {
        switch daysFromThursday {
        case 0: "Thu, "
        case 1: "Fri, "
        case 2: "Sat, "
        case 3: "Sun, "
        case 4: "Mon, "
        case 5: "Tue, "
        default: "Wed, "
        }
    }

    private static func month(_ number: Int) -> StaticString {
        switch number {
        case 1: " Jan "
        case 2: " Feb "
        case 3: " Mar "
        case 4: " Apr "
        case 5: " May "
        case 6: " Jun "
        case 7: " Jul "
        case 8: " Aug "
        case 9: " Sep "
        case 10: " Oct "
        case 11: " Nov "
        default: " Dec "
        }
    }
}
