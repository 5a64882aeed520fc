import Primitives
import Testing

@testable import Raft

/// A leader whose follower comes back without what it had acknowledged. Raft takes it that this never
/// happens (§5.1, figure 2: "updated on stable storage before responding").
@Suite struct LostEntriesTests {
    /// n1, which leads n1 to n3, and the two followers in the test's hand.
    private final class Leadership {
        private var raft: Raft
        private(set) var notices: [Raft.Notice] = []
        private(set) var lost: [LostEntries] = []
        private(set) var sent: [AppendEntries] = []
        private var now = Instant.origin

        init(commands count: Int) {
            raft = Raft(
                id: n1, timing: .standard, seed: 1,
                hardState: HardState(term: .zero, vote: nil), log: EntryLog(), commit: .zero)
            step(.configured(voters: [n1, n2, n3]))
            for peer in [n2, n3] { step(.connected(peer, process: 1)) }
            lead(Term(1))
            var payloads = Payloads()
            for _ in 0..<count { payloads.append { $0.append(7) } }
            step(.submitted(payloads))
        }

        var commit: LogIndex { raft.commit }
        var role: Role { raft.role }
        var peers: [Peer] { raft.peers }
        var successor: NodeID? { raft.successor(excluding: [], at: now) }

        /// n1 is elected by n2.
        func lead(_ term: Term) {
            now = raft.deadline
            step(.deadlineReached)
            let previous = raft.term
            say(
                .preVoteReply(PreVoteReply(term: previous, askedIn: previous, granted: true)),
                from: n2)
            say(.voteReply(VoteReply(term: term, granted: true)), from: n2)
            precondition(raft.role == .leader && raft.term == term)
        }

        func step(_ event: Raft.Event) {
            var effects = Raft.Effects()
            raft.step(event, at: now, into: &effects)
            raft.step(.turnEnded, at: now, into: &effects)
            take(&effects)
            while let write = effects.write {
                effects.write = nil
                raft.step(.persisted(through: write.id), at: now, into: &effects)
                raft.step(.turnEnded, at: now, into: &effects)
                take(&effects)
            }
        }

        private func take(_ effects: inout Raft.Effects) {
            notices += effects.notices
            lost += effects.lostEntries
            for outbound in effects.outbox where outbound.to == n3 {
                if case .appendEntries(let append) = outbound.message { sent.append(append) }
            }
            effects.notices = []
            effects.lostEntries = []
            effects.outbox = []
        }

        func say(_ message: Message, from peer: NodeID) { step(.received(message, from: peer)) }

        func acknowledge(_ index: UInt64, from peer: NodeID) {
            let outcome = AppendReply.Outcome.matched(LogIndex(index))
            say(
                .appendReply(AppendReply(term: raft.term, round: 0, outcome: outcome)), from: peer)
        }

        func reject(_ rejected: UInt64, hint: UInt64, from peer: NodeID) {
            let outcome = AppendReply.Outcome.conflict(
                rejected: LogIndex(rejected),
                hint: EntryID(index: LogIndex(hint), term: hint == 0 ? .zero : Term(1)))
            say(
                .appendReply(AppendReply(term: raft.term, round: 0, outcome: outcome)), from: peer)
        }

        /// n3's connection ends, and that process connects.
        func reconnect(process: UInt64?) {
            step(.connectionLost(n3))
            sent = []
            step(.connected(n3, process: process))
        }
    }

    @Test func aFollowerThatWasStartedAgainIsAskedForWhatItAcknowledged() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        stage.reconnect(process: 2)
        #expect(stage.sent.map(\.previous.index) == [LogIndex(3)])
        stage.acknowledge(5, from: n3)
        #expect(stage.lost == [] && stage.commit == LogIndex(5))
        #expect(stage.peers[1].match == LogIndex(5))
    }

    @Test func whoeverHasLostSomeOfItDoesNotCountAnyMore() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        #expect(stage.commit == LogIndex(3))
        stage.reconnect(process: 2)
        stage.reject(3, hint: 2, from: n3)
        let lost = LostEntries(peer: n3, acknowledged: LogIndex(3), held: LogIndex(2))
        #expect(stage.lost == [lost])
        #expect(stage.notices.filter { $0 == .lostEntries(lost) }.count == 1)
        // What it has now is what the leader sends it, and that proves nothing.
        stage.acknowledge(5, from: n3)
        #expect(stage.peers[1].match == LogIndex(5) && stage.commit == LogIndex(3))
        #expect(stage.role == .leader)
        stage.acknowledge(5, from: n2)
        #expect(stage.commit == LogIndex(5))
    }

    /// Its log is as empty as on its first day.
    @Test func allCanBeLost() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        stage.reconnect(process: 2)
        stage.reject(5, hint: 0, from: n3)
        #expect(stage.lost.map(\.held) == [.zero])
    }

    @Test(arguments: [1, nil] as [UInt64?]) func theSameProcessHasNotLostAnything(
        process: UInt64?
    ) {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        stage.reconnect(process: process)
        stage.reject(5, hint: 2, from: n3)
        #expect(stage.lost == [] && !stage.peers[1].hasLostEntries)
    }

    /// Whoever comes later stands for the same disk.
    @Test func aThirdProcessIsJudgedByTheSame() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        stage.reconnect(process: 2)
        stage.reconnect(process: nil)
        stage.reconnect(process: 3)
        stage.reject(5, hint: 2, from: n3)
        #expect(stage.lost.count == 1)
        // The directory that had it all is back.
        stage.reconnect(process: 4)
        stage.acknowledge(5, from: n3)
        #expect(!stage.peers[1].hasLostEntries && stage.lost.count == 1)
    }

    @Test func onlyTheFirstAnswerIsAProof() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(3, from: n3)
        stage.reconnect(process: 2)
        stage.acknowledge(4, from: n3)
        stage.acknowledge(1, from: n3)
        stage.reject(2, hint: 1, from: n3)
        #expect(stage.lost == [])
    }

    /// What was sent and never acknowledged may be lost.
    @Test func whatWasNotAcknowledgedWasNotPromised() {
        let stage = Leadership(commands: 4)
        stage.reconnect(process: 2)
        stage.reject(5, hint: 0, from: n3)
        #expect(stage.lost == [])
        stage.acknowledge(2, from: n3)
        stage.reconnect(process: 3)
        stage.acknowledge(2, from: n3)
        #expect(stage.lost == [] && stage.peers[1].match == LogIndex(2))
    }

    /// Another leader may have cut the log since.
    @Test func whatWasAcknowledgedInAnEarlierTermIsNotAskedFor() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        let newer = AppendReply(
            term: Term(2), round: 0,
            outcome: .conflict(rejected: .zero, hint: EntryID(index: LogIndex(1), term: Term(1))))
        stage.say(.appendReply(newer), from: n3)
        #expect(stage.role == .follower)
        stage.lead(Term(3))
        stage.reconnect(process: 2)
        stage.reject(5, hint: 1, from: n3)
        #expect(stage.lost == [])
    }

    /// One that is no longer up to date in what it holds is no successor, whatever it says.
    @Test func leadershipIsNotHandedToIt() {
        let stage = Leadership(commands: 4)
        stage.acknowledge(5, from: n3)
        stage.acknowledge(1, from: n2)
        #expect(stage.successor == n3)
        stage.reconnect(process: 2)
        stage.reject(5, hint: 2, from: n3)
        stage.acknowledge(5, from: n3)
        #expect(stage.successor == n2)
    }
}
