/// A stream of pseudo-random numbers that one seed fixes: SplitMix64 (Steele, Lea and Flood,
/// OOPSLA 2014).
///
/// The cores draw their election timeouts from it. A server seeds it from the machine's entropy, the
/// simulator from the seed of the run.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The stream that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely as any other. `bound` is at least 1.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a random number below \(bound)")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// A length of time within the range, both ends included.
    public mutating func timespan(in range: ClosedRange<Timespan>) -> Timespan {
        let width = range.upperBound.nanoseconds - range.lowerBound.nanoseconds
        return Timespan(nanoseconds: range.lowerBound.nanoseconds + next(upperBound: width + 1))
    }

    /// True in `numerator` of `denominator` draws on average.
    public mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        below(denominator) < numerator
    }
}
