/// A moment as text (RFC 3339).
enum Timestamp {
    /// `2026-11-21T03:00:00.123Z` for milliseconds since the start of 1970, not negative.
    static func text(millisecondsSince1970 milliseconds: Int64) -> String {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = civil(daysSince1970: Int(days))
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (second, thousandth) = (Int(rest / 1_000), Int(rest % 1_000))
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let hour = "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2))"
        return "\(date)T\(hour):\(padded(second % 60, 2)).\(padded(thousandth, 3))Z"
    }

    /// The Gregorian date, counting years from March so that the leap day comes last.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarch0 = days + 719_468
        let era = sinceMarch0 / 146_097
        let dayOfEra = sinceMarch0 % 146_097
        let leaps = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leaps) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
