import Calculator
import Primitives
import Raft
import Replica

/// All that clients asked and were told, checked for linearizability as it grows.
///
/// Every acknowledged write names its entry, and every read the entry up to which it saw. The order
/// of the log is then a witness: the history is linearizable (Herlihy and Wing, 1990) if every
/// answer is the one that the log gives at the index it names, each write stands in the log
/// at most once for each time that it was asked and a refused one never, and no operation is ordered
/// before one that had been acknowledged when it was asked. That takes linear time, where a search for
/// an order would not.
///
/// A write under a key is one operation, however often it is tried: it is ordered where it takes effect
/// for the first time, and every try is told that.
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
    /// How far the committed log has been followed.
    private(set) var followedThrough = LogIndex.zero
    /// Each write, by the number of its first try; the first is none.
    private var writes = [WriteRecord()]

    init(areWritesNamed: Bool = true) { self.areWritesNamed = areWritesNamed }

    /// The number that the next operation gets, from 1.
    var nextNumber: Int { operations.count + 1 }

    subscript(number: Int) -> Operation { operations[number - 1] }

    /// A client asks. Returns the operation's number.
    mutating func ask(_ request: ClientRequest, of node: Int, life: Int, at now: Instant) -> Int {
        let operation = Operation(
            request: request, node: node, life: life, askedAt: now, floor: acknowledgedThrough)
        operations.append(operation)
        writes.append(WriteRecord())
        guard areWritesNamed, operation.write > 0 else { return operations.count }
        if writes[operation.write].tries == 0 { writes[operation.write].floor = operation.floor }
        writes[operation.write].tries += 1
        return operations.count
    }

    /// A leader's log has grown, or changed, from that index on.
    mutating func noteProposals(in log: LogShadow, from first: LogIndex) {
        guard areWritesNamed else { return }
        var index = first
        while index <= log.lastIndex {
            if let command = log[index].payload.command {
                let number = Operation.number(of: command)
                if writes.indices.contains(number) { writes[number].propose(at: index) }
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
            let payload = committed[followedThrough].payload
            guard let command = payload.command else { continue }
            let number = Operation.number(of: command)
            guard number >= 1, number <= operations.count,
                operations[number - 1].request.payload == payload
            else { return "History: entry \(followedThrough.number) is no client's command" }
            writes[number].entries += 1
            let record = writes[number]
            writes[number].place = followedThrough
            if record.isPossible { continue }
            if record.refusals == record.tries {
                return """
                    History: #\(number) was refused and is applied at \(followedThrough.number)
                    """
            }
            return """
                History: #\(number) stands in the log once more than it was asked, at \
                \(record.place.number) and \(followedThrough.number)
                """
        }
        return nil
    }

    /// A node answers. Returns what is broken, if anything is.
    mutating func answer(
        _ number: Int, _ answer: ClientAnswer, committed: CommittedLog
    ) -> String? {
        let operation = operations[number - 1]
        guard operation.fate == .open else { return "History: #\(number) is answered twice" }
        if let place = answer.place {
            operations[number - 1].fate = .done(place)
            acknowledged += 1
            if let fault = check(operation, number, answer, at: place, committed) { return fault }
            if operation.request != .staleRead {
                acknowledgedThrough = max(acknowledgedThrough, place)
            }
            return nil
        }
        switch answer {
        case .other(.redirect), .other(.unavailable):
            operations[number - 1].fate = .refused
            return noteRefusal(of: operation, number, answer, committed)
        case .other(.unknownOutcome):
            operations[number - 1].fate = .unknown
            if operation.request.payload == nil { return "History: read #\(number) is unknown" }
            return nil
        default: return "History: #\(number) is answered as if it asked for another leader"
        }
    }

    private mutating func noteRefusal(
        of operation: Operation, _ number: Int, _ answer: ClientAnswer, _ committed: CommittedLog
    ) -> String? {
        guard areWritesNamed, operation.write > 0 else { return nil }
        writes[operation.write].refusals += 1
        let record = writes[operation.write]
        if !record.isPossible {
            return "History: #\(number) is refused, but stands at \(record.place.number)"
        }
        guard answer == .other(.unavailable(.superseded)) else { return nil }
        // A write is superseded when another entry is *committed* at its index, not before: while its
        // entry is in any log, a later leader may still commit it (Raft figure 8).
        if record.proposals.contains(where: { $0 <= committed.lastIndex }) { return nil }
        return "History: #\(number) is superseded, where nothing is committed"
    }
}

/// The checks of one answer.
extension History {
    private mutating func check(
        _ operation: Operation, _ number: Int, _ answer: ClientAnswer, at place: LogIndex,
        _ committed: CommittedLog
    ) -> String? {
        if let fault = acknowledgedIsCommitted.check(number, at: place, committed: committed) {
            return fault
        }
        if let receipt = answer.receipt {
            let index = receipt.entry.index
            guard index <= place else {
                return "History: #\(number) stands at \(place.number) and is told \(index.number)"
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
        }
        guard let payload = operation.request.payload else {
            if operation.request == .staleRead { return nil }
            return readsAreFresh.check(number, saw: place, floor: operation.floor)
        }
        guard place > .zero, committed[place].payload == payload else {
            return "History: write #\(number) is told \(place.number), another one's entry"
        }
        guard place > operation.floor else {
            return """
                History: write #\(number) stands at \(place.number), though \
                \(operation.floor.number) was acknowledged before it was asked
                """
        }
        let decision = committed[place].decision
        guard answer.verdict == decision.verdict,
            (answer.receipt?.entry.index ?? place) == decision.first
        else {
            return """
                History: #\(number) is told \(answer.verdict), the log says \(decision.verdict) of \
                \(decision.first.number)
                """
        }
        return answer.receipt == nil ? nil : noteTold(operation, number, decision.first)
    }

    /// A write's outcome is told. Where it names an index that its client knew, it is the same for ever.
    private mutating func noteTold(
        _ operation: Operation, _ number: Int, _ first: LogIndex
    ) -> String? {
        guard areWritesNamed else { return nil }
        let record = writes[operation.write]
        writes[operation.write].told = first
        if first <= record.floor {
            return """
                History: #\(number) is told of \(first.number), though \(record.floor.number) was \
                acknowledged before it was asked for the first time
                """
        }
        guard operation.request.payload?.writeGuard?.firstIndex != nil, record.told != .zero,
            record.told != first
        else { return nil }
        return "History: #\(number) is told of \(record.told.number) and of \(first.number)"
    }
}

extension ClientAnswer {
    /// What was told of the value; nil where nothing was.
    var receipt: Receipt? {
        switch self {
        case .value(let receipt), .overflow(let receipt), .conditionFailed(let receipt): receipt
        case .keyReused, .keyExpired, .other: nil
        }
    }

    /// Where the request stands in the log, a read by what it saw; nil where it does not.
    var place: LogIndex? {
        switch self {
        case .value(let receipt), .overflow(let receipt), .conditionFailed(let receipt):
            receipt.place
        case .keyReused(let place), .keyExpired(let place): place
        case .other: nil
        }
    }

    /// What the log must have come to for this answer to a write.
    var verdict: Decision.Verdict {
        switch self {
        case .value: .changed
        case .overflow: .overflow
        case .conditionFailed: .conditionFailed
        case .keyReused: .keyReused
        case .keyExpired: .keyExpired
        case .other: .nothing
        }
    }
}
