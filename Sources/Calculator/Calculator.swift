/// The state machine: one integer, changed by commands in the order of the log.
///
/// It does not know that it is replicated. The same commands at the same indices give the same
/// value and the same outcomes on every node and at every replay.
///
/// ```swift
/// var calculator = Calculator()
/// calculator.apply(.set(40), at: 1)  // .value(40)
/// calculator.apply(.add(2), at: 2)   // .value(42)
/// ```
public struct Calculator: Hashable, Sendable {
    /// What a command came to.
    public enum Outcome: Hashable, Sendable {
        /// It took effect; this is the new value.
        case value(Int64)
        /// The sum would leave the range of Int64: nothing changed; this is the value that stays.
        case overflow(Int64)
    }

    /// The integer.
    public private(set) var value: Int64

    /// The index of the last command that took effect, also where it left the value as it was; 0
    /// before the first one.
    public private(set) var lastChange: UInt64

    /// Zero, never changed.
    public init() {
        self.init(value: 0, lastChange: 0)
    }

    init(value: Int64, lastChange: UInt64) {
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
            if overflow { return .overflow(value) }
            value = sum
        }
        lastChange = index
        return .value(value)
    }
}
