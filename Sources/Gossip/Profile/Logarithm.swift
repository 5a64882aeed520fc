/// Logarithms of whole numbers, in whole numbers: the same on every machine.
enum Logarithm {
    /// What stands for 1.
    static let one = 1 << 16

    /// log₂ of a number of at least 1, in 65536ths, rounded down: bit by bit, by squaring.
    static func binary(of number: Int) -> Int {
        precondition(number > 0, "the logarithm of \(number)")
        let whole = Int.bitWidth - 1 - number.leadingZeroBitCount
        // The number's leading bits as a fraction from 1 to 2, in 2³¹sts.
        var fraction = (UInt64(number) << UInt64(63 - whole)) >> 32
        var result = whole
        for _ in 0..<16 {
            fraction = (fraction * fraction) >> 31
            result <<= 1
            if fraction >= 1 << 32 {
                result |= 1
                fraction >>= 1
            }
        }
        return result
    }

    /// log₁₀ of a number of at least 1, in 65536ths, rounded down.
    static func decimal(of number: Int) -> Int {
        // log₁₀ 2 is 0.30103.
        binary(of: number) * 30_103 / 100_000
    }

    /// ⌈log₁₀⌉ of a number of at least 1, exactly.
    static func decimalRoundedUp(of number: Int) -> Int {
        precondition(number > 0, "the logarithm of \(number)")
        var digits = 0
        var power = 1
        while power < number {
            digits += 1
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { break }
            power = next
        }
        return digits
    }
}
