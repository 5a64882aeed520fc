import Primitives
import Testing

@testable import Raft

/// What must hold after every turn on a stage, whatever the test does (Raft figure 3).
struct Watch {
    private struct Sight {
        var hardState: HardState
        var commit: LogIndex
        var isLeader: Bool
        var last: EntryID
    }

    private var sights: [NodeID: Sight] = [:]
    private var leaders: [Term: NodeID] = [:]
    private var committed: [StagedEntry] = []

    /// The server starts over: what it had not synced is forgotten.
    mutating func forget(_ id: NodeID) { sights[id] = nil }

    mutating func look(at player: Player) {
        let now = Sight(
            hardState: HardState(term: player.raft.term, vote: player.raft.vote),
            commit: player.raft.commit, isLeader: player.raft.role == .leader,
            last: player.raft.log.last)
        if let before = sights[player.id] { compare(before, now, of: player) }
        sights[player.id] = now
        // Election Safety: at most one leader a term.
        if now.isLeader {
            let known = leaders[player.raft.term, default: player.id]
            #expect(known == player.id, "two leaders of term \(player.raft.term)")
            leaders[player.raft.term] = player.id
            // Leader Completeness: what is committed is in every later leader's log. A leader that
            // has been followed by another and does not know it yet may lack the newest.
            if leaders.keys.allSatisfy({ $0 <= player.raft.term }) {
                let own = player.entries(LogIndex(1)..<now.last.index.next)
                #expect(own.starts(with: committed), "\(player.id) leads without what is committed")
            }
        }
        // State Machine Safety: servers that know an index to be committed hold the same entry.
        let own = player.entries(LogIndex(1)..<now.commit.next)
        let common = min(own.count, committed.count)
        #expect(own[..<common] == committed[..<common], "\(player.id) commits something else")
        if own.count > committed.count { committed = own }
    }

    private func compare(_ before: Sight, _ now: Sight, of player: Player) {
        #expect(now.hardState.term >= before.hardState.term, "\(player.id) lost a term")
        #expect(now.commit >= before.commit, "\(player.id) lost commits")
        guard before.hardState.term == now.hardState.term else { return }
        if let vote = before.hardState.vote {
            #expect(now.hardState.vote == vote, "\(player.id) voted twice")
        }
        // Leader Append-Only.
        if before.isLeader && now.isLeader {
            let keepsAll = player.raft.log.contains(before.last)
            #expect(keepsAll, "\(player.id) led and lost entries")
        }
    }
}
