import Primitives
import Testing

@testable import Raft

/// A leader whose follower comes back without what it had acknowledged. Raft takes it that this never
/// happens (§5.1, figure 2: "updated on stable storage before responding").
@Suite struct LostEntriesTests {
    /// n1, which leads, and its followers n2, n3 and so on in the test's hand.
    private final class Leadership {
        private var raft: Raft
        private(set) var notices: [Raft.Notice] = []
        private var now = Instant.origin

        private let followers: [NodeID]

        init(voters: Int = 3, commands count: Int) {
            followers = (2...voters).map { NodeID("n\($0)")! }
            raft = Raft(
                id: n1, timing: .standard, seed: 1,
                hardState: HardState(term: .zero, vote: nil), log: EntryLog(), commit: .zero)
            step(.configured(voters: [n1] + followers))
            for peer in followers { step(.connected(peer, start: 5)) }
            lead(Term(1))
            var payloads = Payloads()
            for _ in 0..<count { payloads.append { $0.append(7) } }
            step(.submitted(payloads))
        }

        var commit: LogIndex { raft.commit }
        var role: Role { raft.role }
        var peers: [Peer] { raft.peers }

        /// n1 is elected by all.
        func lead(_ term: Term) {
            now = raft.deadline
            step(.deadlineReached)
            let previous = raft.term
            for peer in followers where raft.term == previous {
                say(
                    .preVoteReply(PreVoteReply(term: previous, askedIn: previous, granted: true)),
                    from: peer)
            }
            for peer in followers {
                say(.voteReply(VoteReply(term: term, granted: true)), from: peer)
            }
            precondition(raft.role == .leader && raft.term == term)
        }

        func step(_ event: Raft.Event) {
            var effects = Raft.Effects()
            raft.step(event, at: now, into: &effects)
            raft.step(.turnEnded, at: now, into: &effects)
            notices += effects.notices
            while let write = effects.write {
                effects = Raft.Effects()
                raft.step(.persisted(through: write.id), at: now, into: &effects)
                raft.step(.turnEnded, at: now, into: &effects)
                notices += effects.notices
            }
        }

        func say(_ message: Message, from peer: NodeID) { step(.received(message, from: peer)) }

        func acknowledge(_ index: UInt64, from peer: NodeID) {
            let outcome = AppendReply.Outcome.matched(LogIndex(index))
            say(
                .appendReply(AppendReply(term: raft.term, round: 0, outcome: outcome)), from: peer)
        }

        /// What n3 is found to have lost when that start of its disk says where its log ends.
        func lost(start: UInt64, end: UInt64?, in term: UInt64 = 1) -> LostEntries? {
            let end = end.map { index in
                LogEnd(
                    term: Term(term),
                    last: index == 0 ? .zero : EntryID(index: LogIndex(index), term: Term(1)))
            }
            return raft.lostEntries(of: n3, start: start, end: end)
        }

        /// n3's connection ends, and that start of its disk connects.
        func reconnect(start: UInt64) {
            step(.connectionLost(n3))
            step(.connected(n3, start: start))
        }
    }

    private static func lost(_ acknowledged: UInt64, _ held: UInt64) -> LostEntries {
        LostEntries(peer: n3, acknowledged: LogIndex(acknowledged), held: LogIndex(held))
    }

    @Test func aLogThatEndsBeforeWhatItsDiskAcknowledgedHasLostTheRest() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        #expect(stage.lost(start: 6, end: 2) == Self.lost(3, 2))
        #expect(stage.lost(start: 6, end: 0) == Self.lost(3, 0))
        #expect(stage.lost(start: 9, end: 2) == Self.lost(3, 2))
    }

    @Test func aLogThatEndsThereOrLaterHasNot() {
        let stage = Leadership(commands: 4)
        #expect(stage.lost(start: 6, end: 0) == nil)
        stage.acknowledge(3, from: n3)
        #expect(stage.lost(start: 6, end: 3) == nil && stage.lost(start: 6, end: 5) == nil)
    }

    /// What was said long ago, or by the process that acknowledged, or not at all.
    @Test func nothingElseIsAProof() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        #expect(stage.lost(start: 5, end: 2) == nil && stage.lost(start: 4, end: 2) == nil)
        #expect(stage.lost(start: 6, end: nil) == nil)
    }

    /// Another leader may have cut the log in a later term. In an earlier one the term is gone, too, and with
    /// it the vote: what is acknowledged in a term is so by a disk that holds the term.
    @Test func aLaterTermIsNoProof() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        #expect(stage.lost(start: 6, end: 2, in: 2) == nil)
        #expect(stage.lost(start: 6, end: 0, in: 0) == Self.lost(3, 0))
    }

    @Test func whatWasAcknowledgedToAnEarlierLeadershipIsForgotten() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        stage.say(
            .appendReply(AppendReply(term: Term(2), round: 0, outcome: .matched(.zero))), from: n3)
        #expect(stage.role == .follower && stage.lost(start: 6, end: 1) == nil)
        stage.lead(Term(3))
        for term in 1...4 as ClosedRange<UInt64> {
            #expect(stage.lost(start: 6, end: 1, in: term) == nil)
        }
    }

    /// It began with all that the one before had on disk. What it has acknowledged itself is no part of
    /// it: it may have said where its log ends before that.
    @Test func aProcessIsJudgedByThoseBeforeIt() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        stage.reconnect(start: 6)
        stage.acknowledge(5, from: n3)
        #expect(stage.lost(start: 6, end: 3) == nil && stage.lost(start: 6, end: 4) == nil)
        #expect(stage.lost(start: 6, end: 2) == Self.lost(3, 2))
        #expect(stage.lost(start: 7, end: 4) == Self.lost(5, 4))
        // A late connection of the earlier process is none of the later one.
        stage.reconnect(start: 5)
        #expect(stage.lost(start: 6, end: 4) == nil && stage.lost(start: 7, end: 5) == nil)
    }

    /// Two starts without a word between them.
    @Test func aThirdProcessIsJudgedByTheFirst() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        stage.reconnect(start: 6)
        stage.reconnect(start: 7)
        #expect(stage.lost(start: 7, end: 2) == Self.lost(3, 2))
        #expect(stage.lost(start: 7, end: 3) == nil)
    }

    @Test func whoeverHasLostEntriesDoesNotCountAnyMore() {
        let stage = Leadership(commands: 3)
        stage.acknowledge(2, from: n3)
        var payloads = Payloads()
        payloads.append { $0.append(7) }
        stage.step(.submitted(payloads))
        stage.step(.connectionLost(n3))
        let lost = Self.lost(2, 1)
        for _ in 0..<2 { stage.step(.entriesLost(lost, start: 6)) }
        #expect(stage.peers[1].match == .zero)
        #expect(stage.notices.filter { $0 == .lostEntries(lost) }.count == 1)
        // It is known to have, however it introduces itself, and a later process is judged anew.
        #expect(stage.lost(start: 6, end: nil) == lost && stage.lost(start: 6, end: 1) == lost)
        // Unless its directory was a copy, and the one that holds all is back.
        #expect(stage.lost(start: 6, end: 2) == nil)
        #expect(stage.lost(start: 7, end: 1) == lost && stage.lost(start: 7, end: 2) == nil)
    }

    /// Of five voters the leader and one other hold an entry; a third one held it.
    @Test func noEntryIsCommittedByACopyThatIsGone() {
        for hasLost in [false, true] {
            let stage = Leadership(voters: 5, commands: 0)
            let (n4, n5) = (NodeID("n4")!, NodeID("n5")!)
            stage.acknowledge(1, from: n3)
            if hasLost { stage.step(.entriesLost(Self.lost(1, 0), start: 6)) }
            stage.acknowledge(1, from: n4)
            #expect(stage.commit == LogIndex(hasLost ? 0 : 1))
            stage.acknowledge(1, from: n5)
            #expect(stage.commit == LogIndex(1))
        }
    }

    @Test func aLogsEndIsThatOfItsSnapshotWhereNothingFollows() {
        let last = EntryID(index: LogIndex(9), term: Term(2))
        let raft = Raft(
            id: n1, timing: .standard, seed: 1, hardState: HardState(term: Term(3), vote: nil),
            log: EntryLog(base: last),
            snapshot: Snapshot(last: last, level: .current, bytes: [1]), commit: last.index)
        let end = raft.logEnd
        #expect(end == LogEnd(term: Term(3), last: last))
    }
}
