import Founding
import Primitives
import Raft
import Replica
import Testing

/// A register that holds the text written last: nothing in it is a calculator's.
private struct Register: StateMachine {
    struct Assignment: LogCommand {
        var text: String

        func append(to bytes: inout [UInt8]) {
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: text.utf8)
        }
    }

    typealias Command = Assignment

    /// What stood there before.
    struct Outcome: LogOutcome {
        var before: String

        init(before: String) { self.before = before }

        init?(bytes: [UInt8], in range: Range<Int>) {
            guard let text = String(validating: bytes[range], as: UTF8.self) else { return nil }
            before = text
        }

        func append(to bytes: inout [UInt8]) { bytes.append(contentsOf: before.utf8) }

        var hash: UInt64 { before.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) } }
    }

    private(set) var text = ""
    private(set) var lastChange: UInt64 = 0

    init() {}

    init?(snapshot: [UInt8]) {
        var reader = ByteReader(snapshot)
        guard let lastChange = reader.read(UInt64.self),
            let text = String(validating: snapshot[reader.position...], as: UTF8.self)
        else { return nil }
        self.text = text
        self.lastChange = lastChange
    }

    static func isCommand(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        bytes[range].first == UInt8(ascii: "=")
            && String(validating: bytes[range], as: UTF8.self) != nil
    }

    mutating func apply(_ bytes: [UInt8], _ range: Range<Int>, at index: UInt64) -> Outcome {
        let before = text
        text = String(decoding: bytes[range.dropFirst()], as: UTF8.self)
        lastChange = index
        return Outcome(before: before)
    }

    func refusal() -> Outcome { Outcome(before: text) }

    var snapshot: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: lastChange)
        return bytes + text.utf8
    }

    var hash: UInt64 { text.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) } }
}

/// The seam between what is replicated and what replicates it.
struct EngineTests {
    private static func log(_ entries: Entry...) -> EntryLog {
        var log = EntryLog()
        for entry in entries {
            log.append(
                term: entry.term, kind: entry.kind, payload: entry.payload.indices,
                of: entry.payload)
        }
        return log
    }

    private static func assignment(_ text: String, term: UInt64) -> Entry {
        var payload: [UInt8] = []
        Register.Assignment(text: text).append(to: &payload)
        return Entry(term: Term(term), kind: .command, payload: payload)
    }

    @Test func theOutcomeIsThatOfTheEntryAtTheIndex() {
        let log = Self.log(
            noOperation(term: 1), Self.assignment("a", term: 1), Self.assignment("b", term: 1),
            noOperation(term: 4))
        var engine = Engine<Register>()
        #expect(engine.apply(through: LogIndex(1), of: log) == nil)
        #expect(engine.applied == entry(1, term: 1))
        #expect(engine.apply(through: LogIndex(3), of: log)?.outcome?.before == "a")
        #expect(engine.machine.text == "b" && engine.applied == entry(3, term: 1))
        #expect(engine.apply(through: LogIndex(2), of: log) == nil, "applied before")
        #expect(engine.machine.text == "b" && engine.applied == entry(3, term: 1))
        #expect(engine.apply(through: LogIndex(4), of: log) == nil, "a no-op has no outcome")
        #expect(engine.machine.text == "b" && engine.applied == entry(4, term: 4))
    }

    /// A cluster of one, from its bootstrap to a restart, replicates the register.
    @Test func aReplicaCarriesAnyMachine() throws {
        let record = try #require(
            FoundingRecord(
                cluster: Box.cluster, members: [.init(node: name(1), disk: DiskID(1))]))
        let disk = TestDisk(of: name(1), id: DiskID(1), founding: .founded(record))
        var now = Instant.origin
        var replica = Self.replica(on: disk, at: now)
        var engine = Engine<Register>()
        var effects = Replica.Effects()
        var answers: [Replica.Answer] = []
        func endTurn() {
            replica.step(.turnEnded, at: now, into: &effects)
            while let write = effects.write {
                disk.carryOut(replica.withLog { PendingWrite(write, log: $0) })
                answers += effects.answers.map(\.answer)
                effects.removeAll()
                replica.step(.persisted(write.id), at: now, into: &effects)
                replica.step(.turnEnded, at: now, into: &effects)
            }
            answers += effects.answers.map(\.answer)
            effects.removeAll()
        }
        now = replica.deadline
        replica.step(.deadlineReached, at: now, into: &effects)
        endTurn()
        let request = Replica.Request.write(Register.Assignment(text: "hello"))
        #expect(replica.request(request, RequestID(1), at: now, into: &effects) == nil)
        endTurn()
        // Entry 1 begins the term, and entry 2 raises the feature level.
        #expect(answers == [.committed(entry(3, term: 1))])
        let result = replica.withLog { engine.apply(through: LogIndex(3), of: $0) }
        #expect(result?.outcome?.before == "" && engine.machine.text == "hello")

        disk.notedCommit = replica.commit
        let restarted = Self.replica(on: disk, at: now)
        var again = Engine<Register>()
        restarted.withLog { _ = again.apply(through: restarted.commit, of: $0) }
        #expect(again.machine.text == "hello" && again.machine.hash == engine.machine.hash)
    }

    private static func replica(on disk: TestDisk, at now: Instant) -> Replica {
        let identity = Replica.Identity(
            cluster: Box.cluster, node: disk.node, disk: disk.id, nonce: 7, founders: [disk.node],
            http: [], raft: [])
        return Replica(
            identity: identity, timing: .standard, requestTimeout: .milliseconds(2_000),
            hardState: disk.hardState, log: disk.log(), commit: disk.notedCommit,
            founding: disk.founding, isCommand: Register.isCommand, at: now)
    }
}
