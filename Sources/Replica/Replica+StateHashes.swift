import Primitives
import Raft
import Wire

/// Nodes tell each other what their states come to, so that one that differs is noticed: by a turned bit
/// in its memory, say, or by a program that does not do what the others' do.
///
/// The node that a majority of the voters outvotes ends. While voters differ and none of the hashes has a
/// majority, nobody knows which state is right: no client is served, and nobody ends.
extension Replica {
    /// Up to where this node's state is known to be that of a majority of the voters.
    public var verifiedThrough: LogIndex { verified }

    /// This node has applied the entry at a checkpoint.
    mutating func noteOwnHash(_ hash: StateHash, into effects: inout Effects) {
        for link in links where link.establishedNode != nil { send(hash, on: link, into: &effects) }
        if hashes.note(hash, of: identity.node) { judgeHashes(into: &effects) }
    }

    /// A voter says what its state comes to.
    mutating func noteHash(
        _ hash: StateHash, of node: NodeID, into effects: inout Effects
    ) {
        // What nobody can have applied yet would keep the place of what comes.
        let farthest = raft.log.lastIndex.number + ReplicaLimits.hashesAhead
        guard voters.contains(node), hash.index.number <= farthest else { return }
        if hashes.note(hash, of: node) { judgeHashes(into: &effects) }
    }

    /// Another process of the node speaks from now on: it hears what this node has noted, and what the
    /// one before it said does not count any more.
    mutating func exchangeHashes(with link: Link, into effects: inout Effects) {
        guard let node = link.establishedNode else { return }
        for hash in hashes.hashes(of: identity.node) { send(hash, on: link, into: &effects) }
        hashes.forget(node)
        judgeHashes(into: &effects)
    }

    /// The newest hash is said again from time to time, since a message may be lost.
    func repeatNewestHash(on link: Link, into effects: inout Effects) {
        guard link.establishedNode != nil, let newest = hashes.hashes(of: identity.node).last
        else { return }
        send(newest, on: link, into: &effects)
    }

    /// States are compared at every checkpoint. Where the log rests between two, they are compared there, too:
    /// all nodes rest at the same entry, and a full disk waits for nothing else to take its snapshot.
    mutating func noteStateAtRest(into effects: inout Effects) {
        let isAtRest = raft.commit == restingCommit
        restingCommit = raft.commit
        guard isAtRest, featureLevel >= .stateHashes, isFounded,
            raft.commit > (hashes.hashes(of: identity.node).last?.index ?? .zero),
            raft.commit > verified
        else { return }
        effects.notesState = true
    }

    private func send(_ hash: StateHash, on link: Link, into effects: inout Effects) {
        guard link.levels != nil else { return }
        effects.outbox.append((link.id, .stateHash(hash)))
    }

    /// Draws what follows from the hashes that are known.
    private mutating func judgeHashes(into effects: inout Effects) {
        let judgement = hashes.judgement(of: identity.node, quorum: Quorum(voters: voters.count))
        verified = max(verified, judgement.verified)
        if let (hash, majority) = judgement.outvoted {
            isOutvoted = true
            effects.end = effects.end ?? outvoted(hash, by: majority)
        }
        let unsettled = judgement.unsettled.flatMap { $0 > verified ? $0 : nil }
        if unsettled != unsettledHash {
            unsettledHash = unsettled
            effects.notices.append(.statesDiffer(at: unsettled))
        }
    }

    /// Whether this node's state may be another than that of the cluster: no client is told of it.
    public var isInDoubt: Bool { isOutvoted || unsettledHash != nil }

    /// What clients would be told in this turn rests on a state that is in doubt.
    func withholdAnswers(in effects: inout Effects) {
        guard isInDoubt else { return }
        for position in effects.answers.indices {
            switch effects.answers[position].answer {
            case .committed: effects.answers[position].answer = .unknownOutcome
            case .readable: effects.answers[position].answer = .unavailable(.diverged)
            default: break
            }
        }
    }

    private func outvoted(_ hash: StateHash, by majority: [NodeID]) -> EndReason {
        let names = majority.map(\.description).joined(separator: ", ")
        return EndReason(
            text: """
                the state of this node differs from that of \(names), a majority of the \
                \(voters.count) voters: at index \(hash.index.number), and first somewhere after index \
                \(verified.number), the last one at which it was found equal. Its memory was damaged, \
                or its program does not do what theirs does. Its log and its snapshots are not affected: \
                start it again, and it applies the log anew from its newest snapshot. If it ends in this \
                way again, test this machine's memory, and compare the versions of tally.
                """, exitCode: 65)
    }
}
