import Posix

/// The name of one write, the same in all of its tries.
struct IdempotencyKey {
    /// 128 random bits in hexadecimal digits: no two writes ever have the same.
    let text: String

    init() {
        text = (0..<2).map { _ in IdempotencyKey.digits(of: Entropy.uint64()) }.joined()
    }

    private static func digits(of number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
