import Primitives

/// Integers in decimal digits, without a String on the way.
public enum DecimalDigits {
    /// The number that the bytes in the range spell, digits and nothing else; nil where there is none, or
    /// where it is beyond UInt64.
    public static func read(_ bytes: Span<UInt8>, in range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var number: UInt64 = 0
        for position in range {
            guard bytes[position].isDigit else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[position] - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }

    /// Appends the digits of a number.
    public static func append(_ number: UInt64, to output: inout [UInt8]) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = number
        repeat {
            first -= 1
            digits[first] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for position in first..<20 { output.append(digits[position]) }
    }

    /// Appends the digits of a number, behind a minus sign where it is negative.
    public static func append(_ number: Int64, to output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        append(number.magnitude, to: &output)
    }

    /// How many bytes `append` writes for the number.
    public static func count(_ number: Int64) -> Int {
        var count = number < 0 ? 2 : 1
        var rest = number.magnitude
        while rest >= 10 {
            count += 1
            rest /= 10
        }
        return count
    }
}
