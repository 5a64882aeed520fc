import Calculator
import Primitives
import Raft
import Replica

/// One request of a client and what came of it.
struct Operation {
    /// How far the fate is known.
    enum Fate: Equatable {
        /// No answer yet.
        case open
        /// Acknowledged: a write's entry, or what a read saw.
        case done(LogIndex)
        /// Refused: it is never applied.
        case refused
        /// Nobody knows; it may be applied, now or later.
        case unknown
    }

    let request: ClientRequest
    let node: Int
    let life: Int
    let askedAt: Instant
    /// The highest index in any acknowledgement before this was asked: what it must not overlook.
    let floor: LogIndex
    var fate = Fate.open

    /// The number of the write's first try: its own, or that of the operation which it repeats. Zero for
    /// what is no write.
    var write: Int { request.payload?.command.map(Operation.number(of:)) ?? 0 }
}

extension Operation {
    /// The command of the write of that number: every one has an operand of its own, so that its entry is
    /// known when it is seen.
    static func set(_ number: Int, isExtreme: Bool) -> Calculator.Command {
        .set(isExtreme ? Int64.max - Int64(number) : Int64(number))
    }

    /// The same for an addition; it may be negative.
    static func add(_ number: Int, isNegative: Bool) -> Calculator.Command {
        .add(isNegative ? -Int64(number) : Int64(number))
    }

    /// Which write a command of the log is.
    static func number(of command: Calculator.Command) -> Int {
        switch command {
        case .set(let value): Int(value > Int64.max / 2 ? Int64.max - value : value)
        case .add(let value): Int(value.magnitude)
        }
    }
}
