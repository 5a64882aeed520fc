import Founding
import Primitives
import Raft
import Wire

/// What each peer's disk is known to have been through: one that was put back from an old copy has
/// forgotten votes and entries that others count on, and is not listened to.
///
/// A founded node writes down the newest start of each peer before it takes anything from it that Raft
/// says. So whoever has ever counted a process's promises refuses a disk that knows nothing of it.
extension Replica {
    /// Nil unless the disk has forgotten a start that this node has seen.
    func judgeStarts(_ hello: Hello) -> Verdict? {
        guard let known = newestStart(of: hello.node, disk: hello.disk), hello.excludes(known)
        else { return nil }
        let isOther = hello.start.number >= known.number
        return refuse(
            .oldCopy,
            isOther
                ? """
                start \(known.number) of \(hello.node) on disk \(hello.disk) was another process than \
                its directory remembers (it is at start \(hello.start.number) now)
                """
                : """
                \(hello.node) on disk \(hello.disk) has been started \(known.number) times, and its \
                directory remembers \(hello.start.number)
                """)
    }

    /// Remembers who is connected now, once this node is founded; before, it has promised nothing.
    mutating func noteStart(of peer: Hello) {
        let seen = PeerStart(node: peer.node, disk: peer.disk, start: peer.start)
        let known = newestStart(of: seen.node, disk: seen.disk)
        // A peer's word alone must not take back what is known.
        if let known, known.number >= seen.start.number { return }
        wantedPeerStarts.removeAll { $0.node == seen.node }
        wantedPeerStarts.append(seen)
    }

    /// Remembers everybody who is connected.
    mutating func noteStarts() {
        for link in links { if let peer = link.peer { noteStart(of: peer) } }
    }

    /// Whether this node's disk remembers that process, so that what Raft says there may count.
    func isRemembered(_ peer: Hello) -> Bool {
        peerStarts.contains {
            $0.node == peer.node && $0.disk == peer.disk && $0.start == peer.start
        }
    }

    /// These starts are on disk.
    mutating func remember(_ starts: [PeerStart]) {
        for seen in starts {
            peerStarts.removeAll { $0.node == seen.node && $0.disk == seen.disk }
            peerStarts.append(seen)
        }
    }

    /// Raft speaks with those whose starts are on disk now, as far as they still run.
    mutating func connectRaft(
        with starts: [PeerStart], at now: Instant, into effects: inout Effects
    ) {
        for seen in starts {
            guard let peer = establishedLink(with: seen.node), isRemembered(peer) else { continue }
            connectRaft(peer, at: now, into: &effects)
        }
    }

    /// The newest start seen, on disk or on its way there.
    private func newestStart(of node: NodeID, disk: DiskID) -> Start? {
        for starts in [wantedPeerStarts, outstanding?.peerStarts ?? [], peerStarts] {
            for seen in starts where seen.node == node && seen.disk == disk { return seen.start }
        }
        return nil
    }
}
