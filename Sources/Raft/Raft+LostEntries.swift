import Primitives

/// A disk that no longer holds what it acknowledged to the leader of the present term.
public struct LostEntries: Hashable, Sendable {
    /// Whose disk it is.
    public var peer: NodeID
    /// Up to where it had acknowledged the leader's log.
    public var acknowledged: LogIndex
    /// Where its log ends now.
    public var held: LogIndex
}

/// A leader notices that a voter's disk has lost what it acknowledged, and stops counting it.
///
/// Raft assumes that a disk keeps what was synced. One that does not, such as one whose newest records were
/// damaged and taken for a torn tail, would have entries committed that no majority holds.
///
/// The proof has two halves: what the disk acknowledged to this leader through one process, and where the
/// log of a *later* process on the same disk ended, in the same term, or in an earlier one: then it has lost
/// its term, too. The later one has begun with all
/// that the earlier one had on disk, and nobody but the leader of a term has a log cut in it, which never
/// cuts what was acknowledged. So it does not matter when the later process said it, nor what it has
/// acknowledged itself since. Nothing else is a proof: in a later term another leader may have cut
/// the log, and an answer to AppendEntries says how far the logs agree, not where one ends.
extension Raft {
    /// Where this server's log ends, for the others to compare.
    public var logEnd: LogEnd { LogEnd(term: term, last: log.last) }

    /// What a peer's disk has lost of what it acknowledged to this server, which leads; nil where nothing
    /// proves it.
    ///
    /// - Parameters:
    ///   - peer: the peer.
    ///   - start: which start of its disk the process is that says where its log ends.
    ///   - end: what it says; nil where it says nothing.
    public func lostEntries(of peer: NodeID, start: UInt64, end: LogEnd?) -> LostEntries? {
        guard role == .leader, let position = position(ofPeer: peer) else { return nil }
        // What was put right since, by the newest directory in the place of an older copy, is not lost.
        if let known = peers[position].lost, known.start == start,
            end.map({ $0.term <= term && $0.last.index < known.acknowledged }) ?? true
        {
            return LostEntries(peer: peer, acknowledged: known.acknowledged, held: known.held)
        }
        let acknowledged = peers[position].acknowledged(before: start)
        guard let end, end.term <= term, end.last.index < acknowledged else { return nil }
        return LostEntries(peer: peer, acknowledged: acknowledged, held: end.last.index)
    }

    /// A process is refused because of what its disk has lost. The disk counts no more: not for entries
    /// that are still to be committed, either.
    mutating func entriesLost(
        _ entries: LostEntries, start: UInt64, into effects: inout Effects
    ) {
        guard role == .leader, let position = position(ofPeer: entries.peer) else { return }
        peers[position].match = .zero
        guard peers[position].lost?.start != start else { return }
        peers[position].lost = Peer.Loss(
            acknowledged: entries.acknowledged, held: entries.held, start: start)
        effects.notices.append(.lostEntries(entries))
    }
}

extension Peer {
    /// What the disk was found to have lost, and which of its starts has shown it.
    struct Loss: Sendable {
        var acknowledged: LogIndex
        var held: LogIndex
        var start: UInt64
    }

    /// A connection to that start of the disk has come up: what is acknowledged from now on is its.
    mutating func meet(start: UInt64) {
        guard start > self.start else { return }
        self.start = start
        acknowledgedEarlier = acknowledged
    }

    /// Up to where earlier starts of the disk have acknowledged the leader's log.
    func acknowledged(before start: UInt64) -> LogIndex {
        start > self.start ? acknowledged : start == self.start ? acknowledgedEarlier : .zero
    }
}
