import HTTP
import Replica

/// Under which key and on which condition a write is to be carried out, or why a request does not say it
/// in a way that can be used.
enum GuardFinding: Equatable {
    /// Empty where the request asks for no more than the write.
    case writeGuard(WriteGuard)
    case bad(String)
}

/// Finds what guards a write in its headers: `Idempotency-Key`, `Tally-First-Index` and `If-Match`.
enum GuardText {
    /// The guard of a request.
    static func find(in request: HTTP.Request, buffer: [UInt8]) -> GuardFinding {
        var writeGuard = WriteGuard()
        if let range = request.idempotencyKey {
            guard WriteGuard.isKey(buffer[range]) else {
                return .bad("Idempotency-Key must be 1 to 64 visible ASCII characters.")
            }
            writeGuard.key = Array(buffer[range])
        }
        if let range = request.firstIndex {
            guard request.idempotencyKey != nil else {
                return .bad("Tally-First-Index goes with Idempotency-Key, and there is none.")
            }
            guard let index = DecimalDigits.read(buffer.span, in: range) else {
                return .bad("Tally-First-Index must be an index of the log, such as 12.")
            }
            writeGuard.firstIndex = index
        }
        if request.ifMatch != nil {
            guard let condition = IfMatch(request, in: buffer) else {
                return .bad(
                    """
                    If-Match must be *, or at most \(IfMatch.mostTags) entity tags such as "7", "12".
                    """)
            }
            // There is always a value, so * asks for nothing more than the write (RFC 9110 §13.1.1).
            if case .oneOf(let indices) = condition { writeGuard.condition = indices }
        }
        return .writeGuard(writeGuard)
    }
}
