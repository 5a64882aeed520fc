import Calculator
import Founding
import Primitives
import Raft
import Replica
import Testing
import WriteAheadLog

@testable import Simulation

/// The invariants of logs with a base, each broken by hand.
struct SnapshotInvariantTests {
    private static func id(_ index: UInt64, _ term: UInt64 = 1) -> EntryID {
        EntryID(index: LogIndex(index), term: Term(term))
    }

    private static let payloads: [ShadowPayload] =
        [.nothing, .level(FeatureLevel(2))]
        + (1...300).map { number in
            .guarded(.add(number), WriteGuard(key: Array("k\(number % 9)".utf8), firstIndex: 0))
        }

    /// A log of term 1 and the same log committed.
    private static func logs() -> (shadow: LogShadow, committed: CommittedLog) {
        var shadow = LogShadow()
        var committed = CommittedLog(keys: 4)
        for payload in payloads {
            shadow.append(Term(1), payload)
            committed.append(shadow[shadow.lastIndex], knownIn: Term(1))
        }
        return (shadow, committed)
    }

    /// The log of a node, from its base on.
    private static func log(base: UInt64, through last: UInt64, term: UInt64 = 1) -> EntryLog {
        var log = EntryLog(base: base == 0 ? .zero : id(base), level: FeatureLevel(2))
        for payload in payloads[Int(base)..<Int(last)] {
            let bytes = payload.bytes
            _ = log.append(
                term: Term(term), kind: payload.kind, payload: 0..<bytes.count, of: bytes)
        }
        return log
    }

    @Test func `a log begins behind what is not committed, or is not what is`() {
        let committed = Self.logs().committed
        func check(_ base: EntryID) -> String? {
            BaseAgrees.check(base, node: 0, committed: committed)
        }
        #expect(check(.zero) == nil)
        #expect(check(Self.id(302)) == nil)
        #expect(check(Self.id(303)) != nil)
        #expect(check(Self.id(5, 2)) != nil)
    }

    @Test func `a shadow takes what lies below the base from the committed log`() {
        let (whole, committed) = Self.logs()
        var shadow = LogShadow()
        let first = Self.log(base: 0, through: 10, term: 2)
        #expect(shadow.follow(first, committed) == LogIndex(1))
        // A snapshot takes the place of entries that conflict.
        let second = Self.log(base: 20, through: 30)
        #expect(shadow.follow(second, committed) == LogIndex(1))
        #expect(shadow.chain(at: LogIndex(30)) == whole.chain(at: LogIndex(30)))
        // The log is cut, and nothing else changes.
        let third = Self.log(base: 25, through: 30)
        #expect(shadow.follow(third, committed) == nil)
        let fourth = Self.log(base: 30, through: 40)
        #expect(shadow.follow(fourth, committed) == LogIndex(31))
        #expect(shadow.chain(at: LogIndex(40)) == whole.chain(at: LogIndex(40)))
        let fifth = Self.log(base: 50, through: 50)
        #expect(shadow.follow(fifth, committed) == LogIndex(41))
        #expect(shadow.lastIndex == LogIndex(50))
    }

    @Test func `a snapshot lacks a key, or holds another value`() throws {
        let committed = Self.logs().committed
        let rule = SnapshotEqualsLog(keys: 4)
        let node = try #require(NodeID("n1"))
        let record = try #require(
            FoundingRecord(cluster: World.cluster, members: [.init(node: node, disk: DiskID(1))]))
        func check(_ engine: Engine<Calculator>, last: EntryID? = nil) -> String? {
            let file = SnapshotFile(
                record: record, last: last ?? engine.applied, level: engine.level,
                state: engine.encodeState())
            return rule.check(
                Snapshot(last: file.last, level: file.level, bytes: file.encoded), node: 0,
                committed: committed)
        }
        let log = Self.log(base: 0, through: 300)
        var engine = Engine<Calculator>(keys: 4)
        engine.apply(through: LogIndex(290), of: log)
        #expect(check(engine) == nil)
        #expect(check(engine, last: Self.id(289)) != nil)
        var forgetful = Engine<Calculator>(keys: 3)
        forgetful.apply(through: LogIndex(290), of: log)
        #expect(check(forgetful) != nil)
        var early = Engine<Calculator>(keys: 4)
        early.apply(through: LogIndex(4), of: log)
        #expect(check(early) == nil)
    }

    @Test func `what a disk holds is in its log or in its snapshot`() {
        let (whole, committed) = Self.logs()
        let rule = NothingSyncedIsLost()
        var disk = DurableView()
        for index in 1...20 as ClosedRange<UInt64> { disk.log.append(whole[LogIndex(index)]) }
        func check(_ last: UInt64, base: UInt64 = 0) -> String? {
            var recovered = DurableView()
            let log = Self.log(base: base, through: last)
            _ = recovered.log.follow(log, committed)
            return rule.check(recovered, node: 0, disk: disk, committed: committed)
        }
        #expect(disk.holds(LogIndex(20), chain: whole.chain(at: LogIndex(20))))
        #expect(!disk.holds(LogIndex(21), chain: whole.chain(at: LogIndex(21))))
        #expect(check(19) != nil)
        #expect(check(20, base: 15) == nil)
        disk.snapshot = Self.id(30)
        #expect(disk.holds(LogIndex(21), chain: whole.chain(at: LogIndex(21))))
        #expect(check(20) != nil)
        #expect(check(30, base: 30) == nil)
        disk.snapshot = .zero
        disk.savedSnapshot = Self.id(30)
        #expect(check(20) == nil)
        #expect(check(30, base: 30) == nil)
    }

    @Test func `dropped segments take a vote, a start or an entry with them`() {
        let committed = Self.logs().committed
        let node = NodeID("n2")
        let disk = DurableView(hardState: HardState(term: Term(3), vote: node))
        func check(_ recovered: DurableView, starts: UInt64 = 4) -> String? {
            PromisesSurviveCompaction.check(
                recovered, starts: starts, node: 0, disk: disk, started: 4, committed: committed)
        }
        #expect(check(disk) == nil)
        #expect(check(disk, starts: 3) != nil)
        #expect(check(DurableView(hardState: HardState(term: Term(3), vote: nil))) != nil)
        #expect(check(DurableView()) != nil)
    }

    @Test func `the level rises too early, falls, or is not there yet`() {
        func check(
            _ payloads: [ShadowPayload], newest: FeatureLevel = FeatureLevel(2)
        ) -> Bool {
            var rule = LevelsAreShared()
            return payloads.allSatisfy { rule.check($0, at: LogIndex(1), newest: newest) == nil }
        }
        let guarded = ShadowPayload.guarded(.add(1), WriteGuard(condition: [0]))
        let (one, two) = (
            ShadowPayload.level(FeatureLevel(1)), ShadowPayload.level(FeatureLevel(2))
        )
        #expect(check([.write(.add(1)), two, guarded, .nothing]))
        #expect(!check([guarded]))
        #expect(!check([two], newest: FeatureLevel(1)))
        #expect(!check([two, one]))
        #expect(!check([two, two]))
    }
}
