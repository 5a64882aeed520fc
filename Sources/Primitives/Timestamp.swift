/// A moment as text (RFC 3339).
public enum Timestamp {
    /// `2026-11-21T03:00:00.123Z` for milliseconds since the start of 1970, not negative.
    public static func text(millisecondsSince1970 milliseconds: Int64) -> String {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let date = CalendarDay(daysSince1970: Int(days))
        let (second, thousandth) = (Int(rest / 1_000), Int(rest % 1_000))
        let day = [
            date.year.padded(to: 4), date.month.padded(to: 2), date.day.padded(to: 2),
        ]
        let time = [second / 3_600, second / 60 % 60, second % 60].map { $0.padded(to: 2) }
        return "\(day.joined(separator: "-"))T\(time.joined(separator: ":"))."
            + "\(thousandth.padded(to: 3))Z"
    }
}
