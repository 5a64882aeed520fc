import Founding
import Primitives
import Raft
import Wire

/// A process on a disk that has lost what it acknowledged to this leader.
struct Loser {
    var peer: PeerStart
    /// The term of the leader.
    var term: Term
    var refusal: Refusal
}

/// Raft has found that a voter's disk lost what it acknowledged. As long as this node leads that term, the
/// process is refused; it ends when it hears so on a call of its own, as anybody else who is refused.
extension Replica {
    /// Ends the connections to those of whom Raft has just found it.
    mutating func refuseLosers(at now: Instant, into effects: inout Effects) {
        let found = effects.raft.lostEntries
        effects.raft.lostEntries.removeAll(keepingCapacity: true)
        for lost in found {
            guard let hello = establishedLink(with: lost.peer), let link = link(to: lost.peer)
            else { continue }
            let refusal = Refusal(
                reason: .lostEntries,
                detail: """
                    \(lost.peer) on disk \(hello.disk) has acknowledged all entries up to \
                    \(lost.acknowledged.number) to the leader of term \(raft.term.number), and after a \
                    restart it holds them up to \(lost.held.number) alone
                    """)
            losers.removeAll { $0.peer.node == lost.peer }
            losers.append(
                Loser(
                    peer: PeerStart(node: hello.node, disk: hello.disk, start: hello.start),
                    term: raft.term, refusal: refusal))
            reject(hello, refusal, on: link, at: now, into: &effects)
        }
    }

    /// Nil unless the process's disk has lost what it acknowledged to this leader.
    func judgeLosses(_ hello: Hello) -> Verdict? {
        guard raft.role == .leader else { return nil }
        let peer = PeerStart(node: hello.node, disk: hello.disk, start: hello.start)
        let loser = losers.first { $0.peer == peer && $0.term == raft.term }
        return loser.map { .refuse($0.refusal) }
    }
}
