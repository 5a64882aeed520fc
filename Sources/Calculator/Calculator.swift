import Primitives

/// The state machine: one integer, changed by commands in the order of the log.
///
/// It does not know that it is replicated. The same commands at the same indices give the same
/// value and the same outcomes on every node and at every replay.
///
/// ```swift
/// var calculator = Calculator()
/// calculator.apply(.set(40), at: 1)  // .changed(value: 40, index: 1)
/// calculator.apply(.add(2), at: 2)   // .changed(value: 42, index: 2)
/// ```
public struct Calculator: Hashable, Sendable {
    /// The integer.
    public private(set) var value: Int64

    /// The index of the last command that took effect, also where it left the value as it was; 0
    /// before the first one.
    public private(set) var lastChange: UInt64

    /// Zero, never changed.
    public init() {
        self.init(value: 0, lastChange: 0)
    }

    /// That value, last changed at that index.
    public init(value: Int64, lastChange: UInt64) {
        self.value = value
        self.lastChange = lastChange
    }

    /// Carries out the command that stands at `index` of the log, an index beyond that of every
    /// command before it, and says what it came to.
    @discardableResult
    public mutating func apply(_ command: Command, at index: UInt64) -> Outcome {
        precondition(index > lastChange, "applying \(index) after \(lastChange)")
        switch command {
        case .set(let number):
            value = number
        case .add(let number):
            let (sum, overflow) = value.addingReportingOverflow(number)
            if overflow { return .overflow(value: value, lastChange: lastChange) }
            value = sum
        }
        lastChange = index
        return .changed(value: value, index: index)
    }
}

extension Calculator: StateMachine {
    /// Whether the range holds one command's opcode and operand, and nothing else.
    public static func isCommand(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        Command(bytes: bytes, in: range) != nil
    }

    /// Decodes the command and carries it out.
    public mutating func apply(_ bytes: [UInt8], _ range: Range<Int>, at index: UInt64) -> Outcome {
        guard let command = Command(bytes: bytes, in: range) else {
            preconditionFailure("entry \(index) holds no command")
        }
        return apply(command, at: index)
    }

    /// The value as it stands.
    public func refusal() -> Outcome {
        .refused(value: value, lastChange: lastChange)
    }

    /// Value and index of the last change, mixed.
    public var hash: UInt64 { Calculator.mixed(value, lastChange) }

    /// A value and the index where it stands as one number (the finalizer of SplitMix64).
    static func mixed(_ value: Int64, _ index: UInt64) -> UInt64 {
        var mixed = UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15 ^ index
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
