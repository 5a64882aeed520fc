import Primitives

/// A disk that no longer holds what it acknowledged to the leader of the present term.
public struct LostEntries: Hashable, Sendable {
    /// Whose disk it is.
    public var peer: NodeID
    /// Up to where it had acknowledged the leader's log.
    public var acknowledged: LogIndex
    /// Up to where its log can agree with the leader's now.
    public var held: LogIndex
}

/// A leader notices that a voter's disk has lost what it acknowledged, and stops counting it.
///
/// Raft assumes that a disk keeps what was synced. One that does not, such as one whose newest records were
/// damaged and taken for a torn tail, would have entries committed that no majority holds.
///
/// What is compared is what the same disk acknowledged in this leadership, to the first answer of a
/// process that was started since. Nothing else is a proof: logs are cut by other leaders, and late
/// answers tell of an earlier time. The follower is asked about the last entry that it acknowledged, which
/// its log contains if nothing was lost: nobody leads this term but this server, and a follower that has
/// gone on to a later one says so.
extension Raft {
    /// Looks at the first answer of a follower's new process.
    mutating func checkProof(
        _ outcome: AppendReply.Outcome, of position: Int, into effects: inout Effects
    ) {
        let peer = peers[position]
        let held: LogIndex
        switch outcome {
        case .matched(let index): held = index
        case .conflict(_, let hint): held = hint.index
        }
        peers[position].mustProve = false
        peers[position].hasLostEntries = held < peer.acknowledged
        guard held < peer.acknowledged else { return }
        let lost = LostEntries(peer: peer.id, acknowledged: peer.acknowledged, held: held)
        effects.lostEntries.append(lost)
        effects.notices.append(.lostEntries(lost))
    }
}

extension Peer {
    /// A connection to that process has come up. Returns whether the one before was to another.
    mutating func meet(_ process: UInt64?) -> Bool {
        guard let process else { return false }
        defer { self.process = process }
        return self.process.map { $0 != process } ?? false
    }

    /// Asks for the last entry that the peer has acknowledged, before anything else.
    mutating func demandProof() {
        guard acknowledged > .zero else { return }
        mustProve = true
        guard sending == nil else { return }
        next = acknowledged.next
        flow = .probe(awaiting: false)
    }
}
