import Calculator
import Founding
import Primitives
import Raft
import Replica
import Wire

/// One process of a node: a replica, its disk, and what it wants done.
final class Box {
    static let cluster = Array("stage".utf8)

    let disk: TestDisk
    let nonce: UInt64
    let startedAt: Instant
    /// Whether it is a program from before the feature levels.
    let isOld: Bool
    private var replica: Replica
    private(set) var engine: Engine<Calculator>
    private let checkpoint: UInt64
    /// What the engine has noted and the node has not heard.
    private var stateHashes: [StateHash] = []
    /// After how many entries it takes a snapshot.
    var snapshotEntries = UInt64.max
    /// Snapshots on their way to the disk: its own, and one that the leader has sent.
    private var taken: Snapshot?
    private var received: Snapshot?
    /// What happens first in the turn that hears of the latter.
    var earlier: [Replica.Event] = []
    /// The engine that the latter spells.
    private var arrived: Engine<Calculator>?
    private var effects = Replica.Effects()

    /// The write under way.
    private(set) var write: PendingWrite?
    /// What is to be sent, and the connections that end after it.
    var outbox: [(link: LinkID, message: PeerMessage)] = []
    var closes: [LinkID] = []
    private(set) var answers: [(request: RequestID, answer: Replica.Answer)] = []
    private var receipts: [(request: RequestID, receipt: Receipt)] = []
    private(set) var notices: [Replica.Notice] = []
    private(set) var end: Replica.EndReason?

    private var lastRequest: UInt64 = 0

    init(
        disk: TestDisk, nonce: UInt64, founders: [NodeID], cluster: [UInt8] = Box.cluster,
        levels: ClosedRange<FeatureLevel>? = .initial ... .current, origin: UInt64? = nil,
        timing: Timing = .standard, snapshotLimits: SnapshotLimits = .standard,
        checkpoint: UInt64 = EngineLimits.checkpoint, at now: Instant
    ) {
        self.disk = disk
        self.checkpoint = checkpoint
        engine = Engine(checkpoint: checkpoint)
        self.nonce = nonce
        startedAt = now
        let identity = Replica.Identity(
            cluster: cluster, node: disk.node, disk: disk.id, nonce: nonce,
            earlierStarts: disk.begin(nonce: nonce), founders: founders,
            http: Array("\(disk.node):80".utf8), raft: Array("\(disk.node):90".utf8),
            levels: levels, origin: origin)
        isOld = levels == nil
        replica = Replica(
            identity: identity, timing: timing, requestTimeout: .milliseconds(2_000),
            hardState: disk.hardState, log: disk.log(), commit: disk.notedCommit,
            founding: disk.founding, peerStarts: disk.peerStarts, snapshot: disk.snapshot,
            snapshotLimits: snapshotLimits, isCommand: Calculator.isCommand, at: now)
        if let snapshot = disk.snapshot {
            guard let engine = Engine<Calculator>(state: snapshot.bytes, checkpoint: checkpoint)
            else {
                preconditionFailure("a snapshot that can't be read")
            }
            self.engine = engine
        }
        applyCommitted()
    }

    var node: NodeID { disk.node }

    // The replica can't be copied, and test expectations copy what they look at.
    var founding: FoundingState { replica.founding }
    var deadline: Instant { replica.deadline }
    var peersToDial: [NodeID] { replica.peersToDial }
    var peersToCallBack: [NodeID] { replica.peersToCallBack }
    var nextAcceptance: Instant { replica.nextAcceptance() }
    func speaker(on link: LinkID) -> Speaker? { replica.speaker(on: link) }
    var commit: LogIndex { replica.commit }
    var verifiedThrough: LogIndex { replica.verifiedThrough }
    var isInDoubt: Bool { replica.isInDoubt }
    var featureLevel: FeatureLevel { replica.featureLevel }
    var hasWaitingRequests: Bool { replica.hasWaitingRequests }
    var hasHandedOver: Bool { replica.hasHandedOver }
    var isBehindReads: Bool { replica.isBehindReads }

    func status(at now: Instant) -> Replica.Status { replica.status(at: now) }
    func reachableVoters(at now: Instant) -> [NodeID] { replica.reachableVoters(at: now) }

    /// Steps the events as one turn.
    func turn(_ events: [Replica.Event], at now: Instant) {
        ask([], then: events, at: now)
    }

    private func endTurn(_ events: [Replica.Event], at now: Instant) {
        for hash in stateHashes { replica.step(.stateHash(hash), at: now, into: &effects) }
        stateHashes = []
        for event in events { replica.step(event, at: now, into: &effects) }
        replica.step(.turnEnded, at: now, into: &effects)
        outbox += effects.outbox
        closes += effects.closes
        if let last = effects.installed {
            guard let arrived, arrived.applied == last else {
                preconditionFailure("no snapshot that ends with \(last)")
            }
            engine = arrived
        }
        for (request, answer) in effects.answers { take(answer, to: request) }
        applyCommitted()
        stateHashes = engine.takeCheckpoints()
        notices += effects.notices
        end = end ?? effects.end
        if let wanted = effects.write {
            precondition(write == nil, "a write while another is under way")
            write = replica.withLog { PendingWrite(wanted, log: $0) }
        }
        if let snapshot = effects.install {
            precondition(received == nil, "two snapshots to install")
            received = snapshot
        }
        if !isSavingSnapshot, replica.wantsSnapshot(entries: snapshotEntries, bytes: 0) {
            taken = Snapshot(
                last: engine.applied, level: engine.level, bytes: engine.encodeState())
        }
        effects.removeAll()
    }

    /// Whether the node is to hear what its state came to.
    var hasStateHashes: Bool { !stateHashes.isEmpty }

    /// Turns a bit of the value that the engine holds.
    func damageValue() {
        var bytes = engine.encodeState()
        let machine = 31..<55
        precondition(Array(bytes[machine]) == engine.machine.snapshot, "no calculator there")
        bytes[machine.lowerBound + 6] ^= 4
        var checksum = CRC32C()
        checksum.update(bytes.span.extracting(machine.lowerBound..<machine.upperBound - 4))
        for place in 0..<4 {
            bytes[machine.upperBound - 4 + place] = UInt8(
                truncatingIfNeeded: checksum.value >> (8 * UInt32(place)))
        }
        guard let damaged = Engine<Calculator>(state: bytes, checkpoint: checkpoint) else {
            preconditionFailure("no engine has such a state")
        }
        engine = damaged
    }

    /// Whether a snapshot is on its way to the disk.
    var isSavingSnapshot: Bool { taken != nil || received != nil }

    /// The snapshots reach the disk, and the node hears of it.
    func saveSnapshots(at now: Instant) {
        if let snapshot = taken.take() {
            disk.save(snapshot)
            turn([.snapshotSaved(snapshot)], at: now)
        }
        guard var snapshot = received.take() else { return }
        arrived = Engine<Calculator>(state: snapshot.bytes, checkpoint: checkpoint)
        guard let arrived, arrived.applied == snapshot.last else {
            return turn([.snapshotRejected(snapshot.last)], at: now)
        }
        snapshot.level = arrived.level
        disk.save(snapshot)
        turn(earlier + [.snapshotInstalled(snapshot)], at: now)
        earlier = []
    }

    /// The write reaches the disk, and the node does not hear of it yet.
    func sync() {
        if let write { disk.carryOut(write) }
    }

    /// The write reaches the disk, and the node hears of it.
    func persist(at now: Instant) {
        guard let done = write else { return }
        sync()
        write = nil
        turn([.persisted(done.id)], at: now)
    }

    /// Clients ask, all in one turn, between those events and these. Returns the requests' numbers.
    @discardableResult
    func ask(
        _ requests: [CalculatorRequest], after earlier: [Replica.Event] = [],
        then events: [Replica.Event] = [], at now: Instant
    ) -> [RequestID] {
        for event in earlier { replica.step(event, at: now, into: &effects) }
        var ids: [RequestID] = []
        for request in requests {
            lastRequest += 1
            let id = RequestID(lastRequest)
            ids.append(id)
            if let answer = replica.request(request, id, at: now, into: &effects) {
                take(answer, to: id)
            }
        }
        endTurn(events, at: now)
        return ids
    }

    /// Applies as far as the answer says, and notes what its client reads.
    private func take(_ answer: Replica.Answer, to request: RequestID) {
        answers.append((request, answer))
        switch answer {
        case .committed(let entry):
            let result = replica.withLog { engine.apply(through: entry.index, of: $0) }
            guard let outcome = result?.outcome else {
                preconditionFailure("\(entry) is no write, or came late")
            }
            note(Receipt(outcome, entry: entry), for: request)
        case .readable(let index):
            replica.withLog { _ = engine.apply(through: index, of: $0) }
            note(Receipt(engine), for: request)
        default: break
        }
    }

    private func note(_ receipt: Receipt, for request: RequestID) {
        receipts.append((request, receipt))
    }

    private func applyCommitted() {
        replica.withLog { _ = engine.apply(through: replica.commit, of: $0) }
    }

    /// What the client of a write that was committed, or of a read, is told.
    func receipt(of request: RequestID) -> Receipt? {
        receipts.first { $0.request == request }?.receipt
    }

    /// All answers that the client has been given.
    func answers(to request: RequestID) -> [Replica.Answer] {
        answers.filter { $0.request == request }.map(\.answer)
    }

    func answer(to request: RequestID) -> Replica.Answer? { answers(to: request).first }

    var record: FoundingRecord? {
        if case .founded(let record) = founding { record } else { nil }
    }

    /// The kinds of the log's entries from that index on.
    func kinds(from first: LogIndex) -> [EntryKind] {
        replica.withLog { log in
            guard first <= log.lastIndex else { return [] }
            return (first.number...log.lastIndex.number).map {
                log.withEntry(at: LogIndex($0)) { kind, _, _ in kind }
            }
        }
    }

    func leads(at now: Instant) -> Bool { isRole("leader", at: now) }

    func isRole(_ name: String, at now: Instant) -> Bool {
        replica.status(at: now).role.description == name
    }
}

/// The message as the other side of a connection reads it.
func throughBytes(_ message: PeerMessage) -> PeerMessage {
    var bytes: [UInt8] = []
    FrameEncoder.append(message, to: &bytes)
    guard let (read, consumed) = try? FrameDecoder.decode(bytes, from: 0, to: bytes.count),
        consumed == bytes.count
    else { preconditionFailure("\(message) can't be read back") }
    return read
}

func name(_ number: Int) -> NodeID { NodeID("n\(number)")! }

typealias CalculatorRequest = Replica.Request<Calculator.Command>

extension Replica.Request where Command == Calculator.Command {
    static func set(_ value: Int64) -> Self { .write(.set(value)) }
    static func add(_ value: Int64) -> Self { .write(.add(value)) }
}

/// What a client of the calculator reads.
struct Receipt: Equatable {
    var value: Int64
    var entry: EntryID
    var lastChange: LogIndex
    var isOverflow = false
    var isRefused = false

    init(_ outcome: Calculator.Outcome, entry: EntryID) {
        self.entry = entry
        switch outcome {
        case .changed(let value, let index): (self.value, lastChange) = (value, LogIndex(index))
        case .overflow(let value, let index):
            (self.value, lastChange, isOverflow) = (value, LogIndex(index), true)
        case .refused(let value, let index):
            (self.value, lastChange, isRefused) = (value, LogIndex(index), true)
        }
    }

    /// What the engine holds now.
    init(_ engine: Engine<Calculator>) {
        value = engine.machine.value
        entry = engine.applied
        lastChange = LogIndex(engine.machine.lastChange)
    }
}
