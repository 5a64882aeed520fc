import Calculator
import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// Snapshots that a node takes, and those that its leader sends.
struct SnapshotTests {
    private static let none = SnapshotLimits(trailingEntries: 0, trailingBytes: 0, bytesInPiece: 64)

    /// n1 leads term 1 of a cluster of level 2: entry 1 begins the term, entry 2 raises the level, and
    /// both are committed.
    private static func leading(snapshotEntries: UInt64 = .max) -> Solo {
        let solo = Solo(snapshotLimits: none)
        solo.box.snapshotEntries = snapshotEntries
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: LevelTests.present)) }
        _ = solo.elect()
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        precondition(solo.box.featureLevel == .current && solo.status.commit == LogIndex(2))
        return solo
    }

    /// What a leader with those entries would send.
    private static func snapshot(of values: [Int64], last: UInt64, term: UInt64) -> Snapshot {
        var log = EntryLog()
        let level = FeatureLevel.current.payload
        log.append(term: Term(1), kind: .featureLevel, payload: level.indices, of: level)
        for value in values {
            let entry = command(.set(value), term: term)
            log.append(
                term: entry.term, kind: .command, payload: entry.payload.indices,
                of: entry.payload)
        }
        while log.lastIndex.number < last {
            log.append(term: Term(term), kind: .noOperation, payload: 0..<0, of: [])
        }
        var engine = Engine<Calculator>()
        engine.apply(through: LogIndex(last), of: log)
        return Snapshot(
            last: engine.applied, level: engine.level, bytes: engine.encodeState())
    }

    private func hear(_ snapshot: Snapshot, at solo: Solo, from peer: Int, term: UInt64) {
        let piece = InstallSnapshot(
            term: Term(term), round: 0, last: snapshot.last, total: UInt64(snapshot.bytes.count),
            offset: 0, bytes: snapshot.bytes)
        solo.hear(.installSnapshot(piece), from: peer)
        solo.persist()
    }

    private func pieces(_ messages: [Message]) -> [InstallSnapshot] {
        messages.compactMap { if case .installSnapshot(let piece) = $0 { piece } else { nil } }
    }

    // MARK: Taking them

    @Test func aSnapshotIsTakenAfterSoManyEntries() {
        let solo = Self.leading(snapshotEntries: 4)
        for index: UInt64 in 3...4 {
            #expect(!solo.box.isSavingSnapshot)
            solo.ask(.add(1))
            solo.persist()
            solo.acknowledge(index)
        }
        #expect(solo.box.isSavingSnapshot)
        // While one is on its way there is no other, however long it takes.
        for index: UInt64 in 5...12 {
            solo.ask(.add(1))
            solo.persist()
            solo.acknowledge(index)
        }
        #expect(solo.status.firstIndex == LogIndex(1))
        solo.saveSnapshots()
        #expect(solo.box.disk.snapshot?.last == entry(4, term: 1))
        #expect(solo.status.firstIndex == LogIndex(5))
        // Eight more were committed meanwhile.
        #expect(solo.box.isSavingSnapshot)
        solo.saveSnapshots()
        #expect(solo.box.disk.snapshot?.last == entry(12, term: 1))
        #expect(!solo.box.isSavingSnapshot)
    }

    @Test func belowTheSecondLevelNoneIsTaken() {
        let solo = WriteTests.leading()
        solo.box.snapshotEntries = 1
        for index: UInt64 in 2...5 {
            solo.ask(.add(1))
            solo.persist()
            solo.acknowledge(index)
        }
        #expect(!solo.box.isSavingSnapshot)
    }

    // MARK: Sending them

    /// n3 lacks what the leader's log does not hold any more; it is told so only in words that it knows.
    @Test(arguments: [nil, LevelTests.present]) func aSnapshotGoesToWhoHasNamedLevels(
        levels: ClosedRange<FeatureLevel>?
    ) throws {
        let solo = Solo(snapshotLimits: Self.none)
        solo.connect(2, solo.hello(of: 2))
        solo.connect(3, solo.hello(of: 3, levels: levels))
        _ = solo.elect()
        solo.ask(.set(1))
        solo.persist()
        solo.acknowledge(2)
        let bytes = solo.box.engine.encodeState()
        solo.turn(
            .snapshotSaved(
                Snapshot(last: entry(2, term: 1), level: .initial, bytes: bytes)))
        solo.persist()
        #expect(solo.status.firstIndex == LogIndex(3))
        _ = solo.said(to: 3)
        solo.hear(
            .appendReply(
                AppendReply(
                    term: Term(1), round: 0,
                    outcome: .conflict(rejected: LogIndex(1), hint: .zero))),
            from: 3)
        solo.pass(milliseconds: 60)
        let sent = pieces(solo.said(to: 3))
        #expect(sent.isEmpty == (levels == nil))
        if let first = sent.first(where: { !$0.bytes.isEmpty }) {
            #expect(first.last == entry(2, term: 1) && first.total == UInt64(bytes.count))
            #expect(first.bytes == Array(bytes.prefix(64)))
        }
    }

    // MARK: Installing them

    @Test func aSnapshotThatIsInstalledTakesTheEnginesPlace() throws {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        let snapshot = Self.snapshot(of: [5, 6], last: 9, term: 3)
        hear(snapshot, at: solo, from: 2, term: 3)
        #expect(solo.box.isSavingSnapshot && solo.status.commit == .zero)
        solo.saveSnapshots()
        #expect(solo.status.commit == LogIndex(9) && solo.status.firstIndex == LogIndex(10))
        #expect(solo.box.engine.machine.value == 6 && solo.box.featureLevel == .current)
        solo.persist()
        // What follows is applied to it, and a restart finds both.
        let next = command(.add(10), term: 3)
        solo.follow(2, term: 3, after: entry(9, term: 3), entries: [next], commit: 10)
        #expect(solo.box.engine.machine.value == 16)
        solo.box.disk.notedCommit = LogIndex(10)
        let again = Box(
            disk: solo.box.disk, nonce: 8, founders: Solo.record.voters, at: solo.now)
        #expect(again.engine.machine.value == 16 && again.featureLevel == .current)
        #expect(again.status(at: solo.now).firstIndex == LogIndex(10))
    }

    /// What it may have come to lies under the snapshot.
    @Test func theFateOfAWriteUnderASnapshotIsUnknown() {
        let solo = Self.leading()
        let writes = [solo.ask(.set(1))[0], solo.ask(.set(2))[0], solo.ask(.set(3))[0]]
        solo.persist()
        hear(Self.snapshot(of: [7], last: 4, term: 2), at: solo, from: 2, term: 2)
        for write in writes { #expect(solo.box.answer(to: write) == nil) }
        solo.saveSnapshots()
        #expect(solo.box.answers(to: writes[0]) == [.unknownOutcome])
        #expect(solo.box.answers(to: writes[1]) == [.unknownOutcome])
        // The third may be committed or not behind it.
        #expect(solo.box.answers(to: writes[2]) == [])
        solo.persist()
        solo.follow(
            2, term: 2, after: entry(4, term: 2), entries: [noOperation(term: 2)], commit: 5)
        #expect(solo.box.answers(to: writes[2]) == [.unavailable(.superseded)])
        #expect(solo.box.engine.machine.value == 7)
    }

    /// The write is found committed, and in the same turn the engine that would apply it jumps over it.
    @Test func aWriteThatIsCommittedAsTheSnapshotComesIsUnknownToo() throws {
        let solo = Self.leading()
        let write = solo.ask(.set(1))[0]
        solo.persist()
        hear(Self.snapshot(of: [7], last: 9, term: 2), at: solo, from: 2, term: 2)
        let link = try #require(solo.links.last { $0.peer == 2 }?.link)
        let commit = AppendEntries(
            term: Term(2), previous: entry(3, term: 1), commit: LogIndex(3), round: 0,
            entries: EntryBatch())
        solo.box.earlier = [.received(.raft(.appendEntries(commit)), on: link)]
        solo.saveSnapshots()
        #expect(solo.box.answers(to: write) == [.unknownOutcome])
        #expect(solo.box.engine.machine.value == 7)
    }

    /// The node has come as far by the log alone.
    @Test func aSnapshotThatComesTooLateChangesNothing() {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        hear(Self.snapshot(of: [5], last: 3, term: 1), at: solo, from: 2, term: 1)
        let entries = [
            LevelTests.levelEntry(2, term: 1), command(.set(5), term: 1), noOperation(term: 1),
            command(.set(8), term: 1),
        ]
        solo.follow(2, term: 1, entries: entries, commit: 4)
        #expect(solo.box.engine.machine.value == 8)
        solo.saveSnapshots()
        #expect(solo.box.engine.machine.value == 8 && solo.status.firstIndex == LogIndex(1))
        #expect(solo.status.commit == LogIndex(4))
    }

    @Test func aDamagedSnapshotIsAskedForAgain() {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        var snapshot = Self.snapshot(of: [5], last: 3, term: 1)
        let whole = snapshot.bytes
        snapshot.bytes[0] = 9
        hear(snapshot, at: solo, from: 2, term: 1)
        solo.saveSnapshots()
        #expect(solo.status.commit == .zero && solo.box.disk.snapshot == nil)
        snapshot.bytes = whole
        hear(snapshot, at: solo, from: 2, term: 1)
        solo.saveSnapshots()
        #expect(solo.status.commit == LogIndex(3) && solo.box.engine.machine.value == 5)
    }

    // MARK: A cluster

    /// Whoever was away comes back, with its disk as it was, and gets the snapshot and then the log; also
    /// from a leader that was started since.
    @Test(arguments: [false, true]) func aNodeThatWasAwayGetsTheSnapshot(mustRestart: Bool) throws {
        let stage = Stage(founders: 3)
        stage.snapshotEntries = 10
        stage.snapshotLimits = SnapshotLimits(
            trailingEntries: 2, trailingBytes: 1_000, bytesInPiece: 16)
        _ = stage.startAll()
        stage.run(milliseconds: 1_000)
        let away = try #require(stage.boxes.first { !$0.leads(at: stage.now) })
        stage.crash(away)
        stage.run(milliseconds: 100)
        for value in 1...45 {
            let leader = try #require(stage.elect())
            _ = stage.ask(leader, .add(Int64(value)))
            stage.run(milliseconds: 20)
        }
        if mustRestart { for box in stage.boxes { stage.restart(box) } }
        let leader = try #require(stage.elect())
        #expect(leader.status(at: stage.now).firstIndex > LogIndex(30))
        let back = stage.start(away.disk)
        stage.run(milliseconds: 2_000)
        _ = stage.ask(try #require(stage.elect()), .add(1_000))
        stage.run(milliseconds: 500)
        #expect(back.disk.snapshot != nil)
        #expect(back.status(at: stage.now).firstIndex > LogIndex(30))
        for box in stage.boxes {
            #expect(box.engine.machine.value == 45 * 46 / 2 + 1_000)
            #expect(box.engine.hash == back.engine.hash)
        }
        #expect(stage.boxes.count == 3 && stage.violations == [])
        let again = stage.restart(back)
        stage.run(milliseconds: 1_000)
        #expect(again.engine.machine.value == 45 * 46 / 2 + 1_000)
    }
}
