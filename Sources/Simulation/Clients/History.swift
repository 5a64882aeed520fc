import Calculator
import Primitives
import Raft
import Replica

/// All that clients asked and were told, checked for linearizability as it grows.
///
/// Every acknowledged write names its entry, and every read the entry up to which it saw. The order
/// of the log is then a witness: the history is linearizable (Herlihy and Wing, 1990) if every
/// answer is the one that the log gives at the index it names, each write stands in the log
/// at most once and a refused one never, and no operation is ordered before one that had been
/// acknowledged when it was asked. That takes linear time, where a search for an order would not.
struct History {
    /// Whether every write has an operand of its own, by which its entry is known. Without, whose entry
    /// is whose is left to who asks.
    private let areWritesNamed: Bool
    private let acknowledgedIsCommitted = AcknowledgedIsCommitted()
    private let readsAreFresh = ReadsAreFresh()
    private(set) var operations: [Operation] = []
    /// The highest index in any acknowledgement.
    private(set) var acknowledgedThrough = LogIndex.zero
    /// How many requests were acknowledged.
    private(set) var acknowledged = 0
    /// Where each write stands in the committed log.
    private var places: [LogIndex] = []
    /// How far the committed log has been followed.
    private(set) var followedThrough = LogIndex.zero
    /// Where the node that was asked put each write into its own log.
    private var proposals: [LogIndex] = []

    init(areWritesNamed: Bool = true) { self.areWritesNamed = areWritesNamed }

    /// The number that the next operation gets, from 1.
    var nextNumber: Int { operations.count + 1 }

    subscript(number: Int) -> Operation { operations[number - 1] }

    /// A client asks. Returns the operation's number.
    mutating func ask(_ request: ClientRequest, of node: Int, life: Int, at now: Instant) -> Int {
        operations.append(
            Operation(
                request: request, node: node, life: life, askedAt: now,
                floor: acknowledgedThrough))
        places.append(.zero)
        proposals.append(.zero)
        return operations.count
    }

    /// A leader's log has grown, or changed, from that index on.
    mutating func noteProposals(in log: LogShadow, from first: LogIndex) {
        guard areWritesNamed else { return }
        var index = first
        while index <= log.lastIndex {
            if let command = log[index].command {
                let number = Operation.number(of: command)
                if proposals.indices.contains(number - 1), proposals[number - 1] == .zero {
                    proposals[number - 1] = index
                }
            }
            index = index.next
        }
    }

    /// The process that was asked is gone: whatever it did not answer is unknown.
    mutating func lose(_ numbers: [Int]) {
        for number in numbers where operations[number - 1].fate == .open {
            operations[number - 1].fate = .unknown
        }
    }

    /// The committed log has grown. Returns what is broken, if anything is.
    mutating func follow(_ committed: CommittedLog) -> String? {
        guard areWritesNamed else { return nil }
        while followedThrough < committed.lastIndex {
            followedThrough = followedThrough.next
            guard let command = committed[followedThrough].command else { continue }
            let number = Operation.number(of: command)
            guard number >= 1, number <= operations.count,
                operations[number - 1].request.command == command
            else { return "History: entry \(followedThrough.number) is no client's command" }
            if places[number - 1] != .zero {
                return """
                    History: #\(number) is applied twice, at \(places[number - 1].number) and \
                    \(followedThrough.number)
                    """
            }
            if operations[number - 1].fate == .refused {
                return "History: #\(number) was refused and is applied at \(followedThrough.number)"
            }
            places[number - 1] = followedThrough
        }
        return nil
    }

    /// A node answers. Returns what is broken, if anything is.
    mutating func answer(
        _ number: Int, _ answer: ClientAnswer, committed: CommittedLog
    ) -> String? {
        let operation = operations[number - 1]
        guard operation.fate == .open else { return "History: #\(number) is answered twice" }
        switch answer {
        case .value(let receipt), .overflow(let receipt):
            operations[number - 1].fate = .done(receipt.entry.index)
            acknowledged += 1
            if let fault = check(operation, number, answer, receipt, committed) { return fault }
            if operation.request != .staleRead {
                acknowledgedThrough = max(acknowledgedThrough, receipt.entry.index)
            }
        case .other(.redirect), .other(.unavailable):
            operations[number - 1].fate = .refused
            if places[number - 1] != .zero {
                return "History: #\(number) is refused, but stands at \(places[number - 1].number)"
            }
            if answer == .other(.unavailable(.superseded)) {
                return checkSuperseded(number, committed)
            }
        case .other(.unknownOutcome):
            operations[number - 1].fate = .unknown
            if operation.request.command == nil { return "History: read #\(number) is unknown" }
        case .other:
            return "History: #\(number) is answered as if it asked for another leader"
        }
        return nil
    }

    /// A write is superseded when another entry is *committed* at its index, not before: while its
    /// entry is in any log, a later leader may still commit it (Raft figure 8).
    private func checkSuperseded(_ number: Int, _ committed: CommittedLog) -> String? {
        guard areWritesNamed else { return nil }
        let index = proposals[number - 1]
        if index > .zero, index <= committed.lastIndex { return nil }
        return "History: #\(number) is superseded at \(index.number), where nothing is committed"
    }

    private func check(
        _ operation: Operation, _ number: Int, _ answer: ClientAnswer,
        _ receipt: ClientAnswer.Receipt, _ committed: CommittedLog
    ) -> String? {
        let index = receipt.entry.index
        if let fault = acknowledgedIsCommitted.check(number, at: index, committed: committed) {
            return fault
        }
        let state = committed.state(at: index)
        guard receipt.value == state.value, receipt.lastChange == state.lastChange,
            index == .zero || committed[index].term == receipt.entry.term
        else {
            return """
                History: #\(number) is told \(receipt.value) at \(index.number), the log says \
                \(state.value)
                """
        }
        guard operation.request.command != nil else {
            if operation.request == .staleRead { return nil }
            return readsAreFresh.check(number, saw: index, floor: operation.floor)
        }
        return checkWrite(operation, number, answer, index, committed)
    }

    private func checkWrite(
        _ operation: Operation, _ number: Int, _ answer: ClientAnswer, _ index: LogIndex,
        _ committed: CommittedLog
    ) -> String? {
        guard index > .zero, committed[index].command == operation.request.command else {
            return "History: write #\(number) is told \(index.number), another one's entry"
        }
        guard index > operation.floor else {
            return """
                History: write #\(number) stands at \(index.number), though \
                \(operation.floor.number) was acknowledged before it was asked
                """
        }
        if case .overflow = answer { return fault(!committed[index].isOverflow, number) }
        return fault(committed[index].isOverflow, number)
    }

    private func fault(_ isWrong: Bool, _ number: Int) -> String? {
        isWrong ? "History: #\(number) is told wrongly whether its sum overflows" : nil
    }
}
