import Primitives

extension Calculator {
    /// What a command came to, and its bytes as they are kept for clients that repeat it: a code (1
    /// changed, 2 overflow, 3 refused), the value, the index; 8 bytes little-endian each.
    public enum Outcome: LogOutcome {
        /// It took effect: the new value, and the index of the command's entry.
        case changed(value: Int64, index: UInt64)
        /// The sum would leave the range of Int64 and nothing changed: the value that stays, and the
        /// index of the command that set it.
        case overflow(value: Int64, lastChange: UInt64)
        /// Its condition did not hold and nothing changed: the value that stays, and the index of the
        /// command that set it.
        case refused(value: Int64, lastChange: UInt64)

        /// How many bytes an outcome takes.
        public static let length = 17

        private static let changedCode: UInt8 = 1
        private static let overflowCode: UInt8 = 2
        private static let refusedCode: UInt8 = 3

        /// The outcome spelt by that range of `bytes`, which lies within them; nil where the range
        /// is not exactly one outcome.
        public init?(bytes: [UInt8], in range: Range<Int>) {
            guard range.count == Outcome.length else { return nil }
            let start = range.lowerBound
            let value = bytes.span.littleEndian(Int64.self, at: start + 1)
            let index = bytes.span.littleEndian(UInt64.self, at: start + 9)
            switch bytes[start] {
            case Outcome.changedCode: self = .changed(value: value, index: index)
            case Outcome.overflowCode: self = .overflow(value: value, lastChange: index)
            case Outcome.refusedCode: self = .refused(value: value, lastChange: index)
            default: return nil
            }
        }

        private var fields: (code: UInt8, value: Int64, index: UInt64) {
            switch self {
            case .changed(let value, let index): (Outcome.changedCode, value, index)
            case .overflow(let value, let index): (Outcome.overflowCode, value, index)
            case .refused(let value, let index): (Outcome.refusedCode, value, index)
            }
        }

        /// The outcome's fields, mixed.
        public var hash: UInt64 {
            let (code, value, index) = fields
            return Calculator.mixed(value, index) &+ UInt64(code)
        }

        /// Appends the outcome's bytes.
        public func append(to bytes: inout [UInt8]) {
            let (code, value, index) = fields
            bytes.append(code)
            bytes.append(littleEndian: value)
            bytes.append(littleEndian: index)
        }
    }
}
