import Primitives

extension Calculator {
    /// A change that a client asks for, and its bytes as an entry's payload: an opcode (1 set,
    /// 2 add), then the operand, 8 bytes little-endian in two's complement.
    public enum Command: LogCommand {
        /// Makes the value this number.
        case set(Int64)
        /// Adds this number to the value.
        case add(Int64)

        /// How many bytes a command takes.
        public static let length = 9

        private static let setCode: UInt8 = 1
        private static let addCode: UInt8 = 2

        /// The command spelt by that range of `bytes`, which lies within them; nil where the range
        /// is not exactly one command.
        public init?(bytes: borrowing [UInt8], in range: Range<Int>) {
            guard range.count == Command.length else { return nil }
            let start = range.lowerBound
            let operand = bytes.span.littleEndian(Int64.self, at: start + 1)
            switch bytes[start] {
            case Command.setCode: self = .set(operand)
            case Command.addCode: self = .add(operand)
            default: return nil
            }
        }

        /// Appends the command's bytes.
        public func append(to bytes: inout [UInt8]) {
            let (code, operand) =
                switch self {
                case .set(let number): (Command.setCode, number)
                case .add(let number): (Command.addCode, number)
                }
            bytes.append(code)
            bytes.append(littleEndian: operand)
        }
    }
}
