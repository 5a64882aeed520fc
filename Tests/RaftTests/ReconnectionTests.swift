import Primitives
import Testing

@testable import Raft

/// A leader whose follower comes back.
@Suite struct ReconnectionTests {
    private let follower = NodeID("n2")!
    private let now = Instant(nanoseconds: 1_000_000_000)

    /// `n1`, leading `n1` to `n3` in term 1, with its first entry and `count` commands on its disk.
    private func leader(commands count: Int) -> Raft {
        var raft = Raft(
            id: NodeID("n1")!, timing: .standard, seed: 1,
            hardState: HardState(term: .zero, vote: nil), log: EntryLog(), commit: .zero)
        var effects = Raft.Effects()
        raft.step(
            .configured(voters: ["n1", "n2", "n3"].map { NodeID($0)! }), at: .origin,
            into: &effects)
        raft.step(.connected(follower), at: now, into: &effects)
        raft.step(.deadlineReached, at: now, into: &effects)
        let welcome = PreVoteReply(term: .zero, askedIn: .zero, granted: true)
        raft.step(.received(.preVoteReply(welcome), from: follower), at: now, into: &effects)
        persist(&raft, &effects)
        let vote = VoteReply(term: Term(1), granted: true)
        raft.step(.received(.voteReply(vote), from: follower), at: now, into: &effects)
        var payloads = Payloads()
        for _ in 0..<count { payloads.append { $0.append(7) } }
        raft.step(.submitted(payloads), at: now, into: &effects)
        persist(&raft, &effects)
        return raft
    }

    private func persist(_ raft: inout Raft, _ effects: inout Raft.Effects) {
        raft.step(.turnEnded, at: now, into: &effects)
        while let write = effects.write {
            effects.write = nil
            raft.step(.persisted(through: write.id), at: now, into: &effects)
            raft.step(.turnEnded, at: now, into: &effects)
        }
    }

    /// What the follower says, and the AppendEntries that it gets for it.
    private func reply(
        _ outcome: AppendReply.Outcome, to raft: inout Raft
    ) -> [AppendEntries] {
        var effects = Raft.Effects()
        let reply = AppendReply(term: Term(1), round: 0, outcome: outcome)
        raft.step(.received(.appendReply(reply), from: follower), at: now, into: &effects)
        raft.step(.turnEnded, at: now, into: &effects)
        return sent(effects)
    }

    private func sent(_ effects: Raft.Effects) -> [AppendEntries] {
        effects.outbox.compactMap {
            if case .appendEntries(let append) = $0.message, $0.to == follower {
                append
            } else {
                nil
            }
        }
    }

    @Test func whatAFollowerHasLostIsSentAgain() {
        var raft = leader(commands: 4)
        #expect(raft.role == .leader)
        _ = reply(.matched(LogIndex(5)), to: &raft)
        #expect(raft.commit == LogIndex(5))

        // It comes back without its last two entries.
        var effects = Raft.Effects()
        raft.step(.connectionLost(follower), at: now, into: &effects)
        raft.step(.connected(follower), at: now, into: &effects)
        raft.step(.turnEnded, at: now, into: &effects)
        #expect(sent(effects).map(\.previous.index) == [LogIndex(5)])
        let left = EntryID(index: LogIndex(3), term: Term(1))
        let again = reply(.conflict(rejected: LogIndex(5), hint: left), to: &raft)
        #expect(again.map(\.previous) == [left])
        #expect(again.map(\.entries.count) == [2])
        #expect(raft.commit == LogIndex(5))

        _ = reply(.matched(LogIndex(5)), to: &raft)
        #expect(raft.peers[0].match == LogIndex(5))
    }
}
