import Founding
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// Each invariant, broken by hand.
struct InvariantTests {
    private static let names = (1...3).map { NodeID("n\($0)")! }

    private static func seen(
        _ node: Int, life: Int = 1, term: UInt64, leads: Bool = false,
        commit: UInt64 = 0,
        applied: EntryID = .zero, value: Int64 = 0, lastChange: UInt64 = 0
    ) -> Observation {
        Observation(
            node: node, life: life, term: Term(term), vote: nil, isLeader: leads, isActive: leads,
            commit: LogIndex(commit), applied: applied, value: value,
            lastChange: LogIndex(lastChange))
    }

    /// A log of sets, each given as its term and its value.
    private static func shadow(_ entries: [(term: UInt64, value: Int64)]) -> LogShadow {
        var log = LogShadow()
        for entry in entries { log.append(Term(entry.term), .write(.set(entry.value))) }
        return log
    }

    private static func view(_ log: LogShadow, changedFrom: UInt64? = nil) -> NodeView {
        var view = NodeView()
        view.log = log
        view.changedFrom = changedFrom.map { LogIndex($0) }
        return view
    }

    @Test func `two leaders of one term`() {
        var rule = ElectionSafety()
        #expect(rule.check(Self.seen(0, term: 2, leads: true), before: nil) == nil)
        #expect(rule.check(Self.seen(1, term: 3, leads: true), before: nil) == nil)
        #expect(rule.check(Self.seen(1, term: 2, leads: true), before: nil) != nil)
    }

    @Test func `one node leads a term twice`() {
        var rule = ElectionSafety()
        let first = Self.seen(0, term: 2, leads: true)
        #expect(rule.check(first, before: nil) == nil)
        #expect(rule.check(first, before: first) == nil)
        #expect(rule.check(Self.seen(0, life: 2, term: 2, leads: true), before: nil) != nil)
    }

    @Test func `a leader changes its log`() {
        let rule = LeaderAppendOnly()
        let leader = Self.seen(0, term: 2, leads: true)
        func check(_ changedFrom: UInt64, before: Observation) -> String? {
            rule.check(
                leader, before: before, changedFrom: LogIndex(changedFrom),
                lastIndexBefore: LogIndex(5))
        }
        #expect(check(6, before: leader) == nil)
        #expect(check(5, before: Self.seen(0, term: 1)) == nil)
        #expect(check(5, before: leader) != nil)
    }

    @Test func `two logs agree in an entry and not before it`() {
        var rule = LogMatching()
        let one = Self.shadow([(1, 1), (2, 2)])
        #expect(rule.check(one, of: 0, changedFrom: LogIndex(1)) == nil)
        #expect(rule.check(Self.shadow([(1, 1), (3, 2)]), of: 1, changedFrom: LogIndex(1)) == nil)
        #expect(rule.check(Self.shadow([(1, 9), (2, 2)]), of: 1, changedFrom: LogIndex(2)) != nil)
    }

    @Test func `a leader lacks what an earlier term committed`() {
        let rule = LeaderCompleteness()
        var committed = CommittedLog()
        let log = Self.shadow([(1, 1), (2, 2)])
        for entry in log.entries { committed.append(entry, knownIn: Term(2)) }
        let leader = Self.seen(1, term: 3, leads: true)
        #expect(rule.check(leader, before: nil, log: log, committed: committed) == nil)
        let short = Self.shadow([(1, 1)])
        #expect(rule.check(leader, before: nil, log: short, committed: committed) != nil)
        // The leader of the same term is not asked.
        let same = Self.seen(1, term: 2, leads: true)
        #expect(rule.check(same, before: nil, log: short, committed: committed) == nil)
        var view = Self.view(short)
        view.last = leader
        #expect(rule.check(committedIn: Term(2), committed: committed, views: [view]) != nil)
    }

    @Test func `a disk that has lost entries goes on acknowledging`() {
        let rule = LostEntriesAreNoticed()
        let loss = LostEntriesAreNoticed.Loss(leader: 1, term: Term(2))
        func check(_ message: Message, _ loss: LostEntriesAreNoticed.Loss?) -> String? {
            rule.check(message, from: 0, to: NodeID("n2")!, loss)
        }
        func reply(_ term: UInt64) -> Message {
            .appendReply(
                AppendReply(term: Term(term), round: 0, outcome: .matched(LogIndex(1))))
        }
        #expect(check(reply(2), loss) != nil)
        #expect(check(reply(3), loss) == nil && check(reply(2), nil) == nil)
        let ask = Message.preVoteRequest(PreVoteRequest(term: Term(2), last: .zero))
        #expect(check(ask, loss) == nil)
    }

    @Test func `two nodes commit different entries`() {
        let rule = StateMachineSafety()
        var committed = CommittedLog()
        let applied = EntryID(index: LogIndex(1), term: Term(1))
        let first = Self.seen(0, term: 1, commit: 1, applied: applied, value: 7, lastChange: 1)
        #expect(
            rule.check(
                first, before: nil, view: Self.view(Self.shadow([(1, 7)])), committed: &committed)
                == nil)
        #expect(
            rule.check(
                first, before: nil, view: Self.view(Self.shadow([(1, 8)])), committed: &committed)
                != nil)
    }

    @Test func `a committed entry changes, or amounts to another value`() {
        let rule = StateMachineSafety()
        var committed = CommittedLog()
        let applied = EntryID(index: LogIndex(1), term: Term(1))
        let log = Self.shadow([(1, 7)])
        let good = Self.seen(0, term: 1, commit: 1, applied: applied, value: 7, lastChange: 1)
        let wrong = Self.seen(0, term: 1, commit: 1, applied: applied, value: 6, lastChange: 1)
        let late = Self.seen(0, term: 1, commit: 1, applied: applied, value: 7)
        #expect(
            rule.check(good, before: nil, view: Self.view(log), committed: &committed) == nil)
        #expect(
            rule.check(wrong, before: nil, view: Self.view(log), committed: &committed) != nil)
        #expect(
            rule.check(late, before: nil, view: Self.view(log), committed: &committed) != nil)
        #expect(
            rule.check(
                good, before: good, view: Self.view(log, changedFrom: 1), committed: &committed)
                != nil)
    }

    @Test func `an older term's entry is committed by counting`() {
        let rule = CommitByOwnTerm()
        let log = Self.shadow([(1, 1), (3, 2)])
        let before = Self.seen(0, term: 3, leads: true)
        let old = Self.seen(0, term: 3, leads: true, commit: 1)
        let own = Self.seen(0, term: 3, leads: true, commit: 2)
        #expect(rule.check(own, before: before, log: log) == nil)
        #expect(rule.check(old, before: before, log: log) != nil)
        // Also in the very step that makes the leader.
        #expect(rule.check(old, before: Self.seen(0, term: 3), log: log) != nil)
        #expect(rule.check(Self.seen(0, term: 3, commit: 1), before: before, log: log) == nil)
    }

    @Test func `terms, commits and what is applied go back`() {
        let rule = NothingGoesBack()
        let applied = EntryID(index: LogIndex(1), term: Term(1))
        let before = Self.seen(0, term: 3, commit: 2, applied: applied)
        #expect(rule.check(before, before: before) == nil)
        #expect(
            rule.check(Self.seen(0, term: 2, commit: 2, applied: applied), before: before) != nil)
        #expect(
            rule.check(Self.seen(0, term: 3, commit: 1, applied: applied), before: before) != nil)
        #expect(rule.check(Self.seen(0, term: 3, commit: 2), before: before) != nil)
    }

    @Test func `a node votes twice in a term`() {
        var rule = OneVoteATerm()
        #expect(rule.check(node: 0, term: Term(2), candidate: Self.names[1]) == nil)
        #expect(rule.check(node: 0, term: Term(2), candidate: Self.names[1]) == nil)
        #expect(rule.check(node: 0, term: Term(3), candidate: Self.names[2]) == nil)
        #expect(rule.check(node: 0, term: Term(2), candidate: Self.names[2]) != nil)
    }

    @Test func `a node promises what its disk does not hold`() {
        let rule = PromisesAreDurable()
        var disk = DurableView()
        let node = Self.seen(0, term: 2)
        func check(_ message: Message) -> String? {
            rule.check(
                message, from: node, id: Self.names[0], to: Self.names[1],
                log: Self.shadow([(1, 1)]), disk: disk)
        }
        let vote = Message.voteReply(VoteReply(term: Term(2), granted: true))
        let ask = Message.voteRequest(VoteRequest(term: Term(2), last: .zero))
        let matched = Message.appendReply(
            AppendReply(term: Term(2), round: 0, outcome: .matched(LogIndex(1))))
        #expect(check(vote) != nil)
        #expect(check(ask) != nil)
        #expect(check(matched) != nil)
        disk.hardState = HardState(term: Term(2), vote: Self.names[1])
        #expect(check(vote) == nil)
        #expect(check(ask) != nil)
        disk.hardState = HardState(term: Term(2), vote: Self.names[0])
        #expect(check(ask) == nil)
        disk.log = Self.shadow([(1, 2)])
        #expect(check(matched) != nil)
        disk.log = Self.shadow([(1, 1)])
        #expect(check(matched) == nil)
    }

    @Test func `a node leads a term without a majority's votes`() {
        let rule = LeadersAreElected()
        var votes = OneVoteATerm()
        func check() -> String? {
            rule.check(Self.seen(0, term: 2, leads: true), before: nil, votes: votes, nodes: 4)
        }
        for voter in 0..<2 {
            #expect(votes.check(node: voter, term: Term(2), candidate: Self.names[0]) == nil)
        }
        #expect(votes.check(node: 2, term: Term(1), candidate: Self.names[0]) == nil)
        #expect(votes.check(node: 3, term: Term(2), candidate: Self.names[1]) == nil)
        #expect(check() != nil)
        #expect(votes.check(node: 2, term: Term(2), candidate: Self.names[0]) == nil)
        #expect(check() == nil)
    }

    @Test func `a leader commits what too few disks hold`() {
        let rule = CommittedIsDurable()
        let log = Self.shadow([(1, 1), (1, 2)])
        var views = (0..<3).map { _ in Self.view(log) }
        func check() -> String? {
            rule.check(
                Self.seen(0, term: 1, leads: true, commit: 2),
                before: Self.seen(0, term: 1, leads: true, commit: 1), views: views)
        }
        views[1].disk.log = log
        #expect(check() != nil)
        views[2].disk.log = Self.shadow([(1, 1), (1, 3)])
        #expect(check() != nil)
        views[2].disk.log = log
        #expect(check() == nil)
    }

    @Test func `a read is asked for under a name used before`() {
        var rule = ReadsAreNamedOnce()
        #expect(rule.check(ReadID(nonce: 1, counter: 1), from: 0) == nil)
        #expect(rule.check(ReadID(nonce: 1, counter: 2), from: 0) == nil)
        #expect(rule.check(ReadID(nonce: 2, counter: 1), from: 1) == nil)
        #expect(rule.check(ReadID(nonce: 1, counter: 1), from: 1) != nil)
    }

    @Test func `a disk forgets what was synced`() {
        let rule = NothingSyncedIsLost()
        let state = HardState(term: Term(2), vote: Self.names[0])
        let log = Self.shadow([(1, 1), (2, 2)])
        var disk = DurableView(hardState: state, log: log, founding: .newborn)
        func check(_ state: HardState, _ log: LogShadow) -> String? {
            rule.check(
                DurableView(hardState: state, log: log), node: 0, disk: disk,
                committed: CommittedLog())
        }
        #expect(check(state, log) == nil)
        #expect(check(HardState(term: Term(3), vote: nil), log) == nil)
        #expect(check(HardState(term: Term(1), vote: nil), log) != nil)
        #expect(check(HardState(term: Term(2), vote: Self.names[1]), log) != nil)
        #expect(check(state, Self.shadow([(1, 1)])) != nil)
        #expect(check(state, Self.shadow([(1, 1), (3, 2)])) != nil)
        // A write under way may have replaced the second entry.
        disk.replacedFrom = LogIndex(2)
        #expect(check(state, Self.shadow([(1, 1), (3, 2)])) == nil)
        #expect(check(state, Self.shadow([(2, 1)])) != nil)
    }

    @Test func `a disk forgets that another node has started`() {
        let rule = NothingSyncedIsLost()
        func disk(_ number: UInt64) -> DurableView {
            let start = Start(number: number, nonce: 1)
            return DurableView(
                peerStarts: [PeerStart(node: Self.names[1], disk: DiskID(2), start: start)])
        }
        func check(_ recovered: DurableView, _ disk: DurableView) -> String? {
            rule.check(recovered, node: 0, disk: disk, committed: CommittedLog())
        }
        #expect(check(disk(2), disk(2)) == nil)
        #expect(check(disk(3), disk(2)) == nil)
        #expect(check(disk(1), disk(2)) != nil)
        #expect(check(DurableView(), disk(2)) != nil)
    }

    @Test func `an old copy of a directory votes, acknowledges or leads`() {
        let rule = OldCopiesStaySilent()
        #expect(rule.check(Self.seen(0, term: 4), isOldCopy: true) == nil)
        var leader = Self.seen(0, term: 4)
        leader.isLeader = true
        #expect(rule.check(leader, isOldCopy: false) == nil)
        #expect(rule.check(leader, isOldCopy: true) != nil)
        let vote = Message.voteReply(VoteReply(term: Term(2), granted: true))
        #expect(rule.check(vote, from: 0, isOldCopy: true) != nil)
        #expect(rule.check(vote, from: 0, isOldCopy: false) == nil)
        let refusal = Message.voteReply(VoteReply(term: Term(2), granted: false))
        #expect(rule.check(refusal, from: 0, isOldCopy: true) == nil)
    }

    @Test func `a vote or a term is forgotten, or a vote given to another`() {
        let rule = VotesAreRemembered()
        let (one, two) = (Self.names[0], Self.names[1])
        func check(_ now: (UInt64, NodeID?), after before: (UInt64, NodeID?)) -> String? {
            rule.check(
                HardState(term: Term(now.0), vote: now.1),
                after: HardState(term: Term(before.0), vote: before.1), node: 0)
        }
        #expect(check((2, one), after: (2, nil)) == nil)
        #expect(check((2, one), after: (2, one)) == nil)
        #expect(check((3, nil), after: (2, one)) == nil)
        #expect(check((2, nil), after: (2, one)) != nil)
        #expect(check((2, two), after: (2, one)) != nil)
        #expect(check((1, one), after: (2, nil)) != nil)
    }

    @Test func `an answer stands beyond what is committed`() {
        let rule = AcknowledgedIsCommitted()
        var committed = CommittedLog()
        for entry in Self.shadow([(1, 1), (1, 2)]).entries {
            committed.append(entry, knownIn: Term(1))
        }
        #expect(rule.check(1, at: LogIndex(2), committed: committed) == nil)
        #expect(rule.check(1, at: LogIndex(3), committed: committed) != nil)
    }

    @Test func `a read is older than an acknowledged write`() {
        let rule = ReadsAreFresh()
        #expect(rule.check(1, saw: LogIndex(3), floor: LogIndex(3)) == nil)
        #expect(rule.check(1, saw: LogIndex(2), floor: LogIndex(3)) != nil)
    }

    @Test func `a wiped disk speaks`() {
        let rule = WipedDisksStaySilent()
        #expect(rule.check(Self.seen(0, term: 0), isWiped: true) == nil)
        #expect(rule.check(Self.seen(0, term: 1), isWiped: false) == nil)
        #expect(rule.check(Self.seen(0, term: 1), isWiped: true) != nil)
        let vote = Message.voteReply(VoteReply(term: Term(2), granted: false))
        #expect(rule.check(vote, from: 0, isWiped: true) != nil)
    }

    @Test func `a cluster is founded before every disk has pledged`() {
        func record(_ disks: [UInt64]) -> FoundingRecord {
            FoundingRecord(
                cluster: Array("c".utf8),
                members: zip(Self.names, disks).map { .init(node: $0, disk: DiskID($1)) })!
        }
        let (one, other) = (record([1, 2]), record([1, 3]))
        var rule = FoundingIsWhole()
        #expect(rule.check(.newborn, disk: DiskID(1)) == nil)
        #expect(rule.check(.pledged(one), disk: DiskID(1)) == nil)
        #expect(rule.check(.founded(one), disk: DiskID(1)) != nil)
        #expect(rule.check(.pledged(one), disk: DiskID(2)) == nil)
        #expect(rule.check(.founded(one), disk: DiskID(1)) == nil)
        #expect(rule.check(.pledged(other), disk: DiskID(1)) != nil)
    }
}
