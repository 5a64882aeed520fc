import Primitives
import Raft
import Wire

/// What each voter's state came to at its newest checkpoints, and what follows from comparing them.
///
/// A majority of all voters decides what the state at an index is. Two hashes that differ stay
/// different for ever after, so what is equal at an index was equal before.
struct StateHashes {
    /// What the hashes that are known say about this node.
    struct Judgement {
        /// The last index at which a majority of the voters, this node among them, has one hash.
        var verified = LogIndex.zero
        /// The first index at which a majority has another hash than this node, and which majority.
        var outvoted: (hash: StateHash, by: [NodeID])?
        /// The newest index at which voters differ and none of the hashes has a majority.
        var unsettled: LogIndex?
    }

    /// Each voter's newest hashes, in the order of their indices, at most `ReplicaLimits.stateHashes`.
    private var voters: [(node: NodeID, hashes: [StateHash])] = []

    /// The newest hashes of that voter, in the order of their indices.
    func hashes(of node: NodeID) -> [StateHash] {
        for position in voters.indices where voters[position].node == node {
            return voters[position].hashes
        }
        return []
    }

    /// Notes what a voter has said; of two words about one index the newer one counts. Returns whether
    /// that changes anything.
    mutating func note(_ hash: StateHash, of node: NodeID) -> Bool {
        var hashes = hashes(of: node)
        if hashes.contains(hash) { return false }
        hashes.removeAll { $0.index == hash.index }
        let position = hashes.firstIndex { $0.index > hash.index } ?? hashes.count
        hashes.insert(hash, at: position)
        if hashes.count > ReplicaLimits.stateHashes { hashes.removeFirst() }
        forget(node)
        voters.append((node, hashes))
        return true
    }

    /// Forgets a voter's words: they were those of a process that is gone.
    mutating func forget(_ node: NodeID) { voters.removeAll { $0.node == node } }

    /// Compares the hashes of this node with those of the others.
    func judgement(of own: NodeID, quorum: Quorum) -> Judgement {
        var judgement = Judgement()
        for hash in hashes(of: own) {
            let others = others(than: own, at: hash.index)
            let agreeing = others.count { $0.hash == hash } + 1
            if agreeing >= quorum.size {
                judgement.verified = hash.index
            } else if let majority = majority(of: others, quorum) {
                judgement.outvoted = judgement.outvoted ?? majority
            } else if agreeing <= others.count {
                judgement.unsettled = hash.index
            }
        }
        // Where the newer states are equal, so were the older ones.
        if let unsettled = judgement.unsettled, unsettled < judgement.verified {
            judgement.unsettled = nil
        }
        return judgement
    }

    /// What the other voters have said about that index.
    private func others(
        than own: NodeID, at index: LogIndex
    ) -> [(node: NodeID, hash: StateHash)] {
        voters.compactMap { voter in
            guard voter.node != own, let hash = voter.hashes.first(where: { $0.index == index })
            else { return nil }
            return (voter.node, hash)
        }
    }

    /// The hash that so many of them have that they are a majority of all voters.
    private func majority(
        of others: [(node: NodeID, hash: StateHash)], _ quorum: Quorum
    ) -> (hash: StateHash, by: [NodeID])? {
        for candidate in others {
            let supporters = others.filter { $0.hash == candidate.hash }
            if supporters.count >= quorum.size {
                return (candidate.hash, supporters.map(\.node).sorted())
            }
        }
        return nil
    }
}
