/// How well this member seems to be itself, judged by what reaches it in time (Lifeguard §IV-A,
/// "local health multiplier"). An unwell member is slower to accuse others: it stretches its own
/// periods.
struct LocalHealth: Sendable {
    /// 0 is well; below the profile's ceiling.
    private(set) var score = 0
    private let ceiling: Int

    /// A member that is well. With a ceiling of 1 it can't be anything else.
    init(ceiling: Int) {
        self.ceiling = ceiling
    }

    /// What periods and timeouts are multiplied by.
    var factor: Int { score + 1 }

    /// Something that should have arrived did not, so many times.
    mutating func worsen(by count: Int = 1) {
        score = min(score + count, ceiling - 1)
    }

    /// Something arrived as it should.
    mutating func improve() {
        score = max(0, score - 1)
    }
}
