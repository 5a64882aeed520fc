/// A day of the Gregorian calendar.
public struct CalendarDay: Hashable, Sendable {
    /// The year, from 1970 on.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// The day that many days after 1 January 1970; not negative.
    ///
    /// Years are counted from a 1 March, so that a leap day is the last day of its year and a
    /// month's start is a straight line: month m from March begins on day (153 m + 2) / 5.
    public init(daysSince1970: Int) {
        let daysInFourCenturies = 146_097
        let shifted = daysSince1970 + 719_468  // days from 1 March of the year 0 to 1970
        let era = shifted / daysInFourCenturies
        let dayOfEra = shifted % daysInFourCenturies
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }
}
