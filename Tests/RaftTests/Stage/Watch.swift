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
    /// All entries that were ever seen to be committed, from the first on.
    private(set) var committed: [StagedEntry] = []

    /// The server starts over: what it had not synced is forgotten.
    mutating func forget(_ id: NodeID) { sights[id] = nil }

    mutating func look(at player: Player) {
        let now = Sight(
            hardState: HardState(term: player.raft.term, vote: player.raft.vote),
            commit: player.raft.commit, isLeader: player.raft.role == .leader,
            last: player.raft.log.last)
        if let before = sights[player.id] { compare(before, now, of: player) }
        sights[player.id] = now
        lookAtBase(of: player)
        lookAtDisk(of: player)
        // Election Safety: at most one leader a term.
        if now.isLeader {
            let known = leaders[player.raft.term, default: player.id]
            #expect(known == player.id, "two leaders of term \(player.raft.term)")
            leaders[player.raft.term] = player.id
            // Leader Completeness: what is committed is in every later leader's log. A leader that
            // has been followed by another and does not know it yet may lack the newest.
            if leaders.keys.allSatisfy({ $0 <= player.raft.term }) {
                let own = player.entries(player.raft.log.firstIndex..<now.last.index.next)
                let rest = committed.dropFirst(Int(player.raft.log.base.index.number))
                #expect(own.starts(with: rest), "\(player.id) leads without what is committed")
            }
        }
        // State Machine Safety: servers that know an index to be committed hold the same entry.
        let base = Int(player.raft.log.base.index.number)
        let own = player.entries(player.raft.log.firstIndex..<now.commit.next)
        let known = committed.dropFirst(base)
        let common = min(own.count, known.count)
        #expect(own[..<common] == known.prefix(common), "\(player.id) commits something else")
        if own.count > known.count { committed = committed.prefix(base) + own }
    }

    /// What a snapshot stands for is committed, and each server's base is part of it.
    private mutating func lookAtBase(of player: Player) {
        let base = player.raft.log.base
        #expect(player.raft.commit >= base.index, "\(player.id) has a base that is not committed")
        guard let snapshot = player.raft.snapshot else {
            #expect(base == .zero, "\(player.id) has a base and no snapshot")
            return
        }
        #expect(snapshot.last.index >= base.index, "\(player.id) has a base beyond its snapshot")
        let held = StagedEntry.entries(snapshot.text)
        if held.count > committed.count { committed = held }
        #expect(committed.starts(with: held), "\(player.id) has another state")
        if base != .zero {
            let term = committed[Int(base.index.number) - 1].term
            #expect(term == base.term, "\(player.id) has a base of another term")
        }
    }

    /// What a server believes to be on disk is there: a start would find it.
    private func lookAtDisk(of player: Player) {
        let (base, entries) = player.disk.recovered
        let durable = player.raft.durableThrough
        let end = base.index.advanced(by: entries.count)
        #expect(durable <= end, "\(player.id)'s disk ends at \(end) and not at \(durable)")
        var index = max(base.index.next, player.raft.log.firstIndex)
        while index <= min(durable, end) {
            let term = player.raft.log.term(at: index)
            let held = entries[base.index.next.distance(to: index)].term
            #expect(held == term, "\(player.id)'s disk holds another entry at \(index)")
            index = index.next
        }
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
