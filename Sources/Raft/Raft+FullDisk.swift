import Primitives

/// A server on a full disk, which has just enough space for its term, its vote and what was under way.
///
/// As a follower it takes a few more entries and then none but those that begin a leader's term, and says
/// so; its leader sends none until it says otherwise. What it is sent that it holds already it acknowledges
/// as ever.
///
/// It leaves the candidacy to others, like one whose disk is stalled: as a leader it could not take a single
/// command. But where nobody leads for several election timeouts it stands: its log may be the only one that
/// a leader can have, or all disks are full, and somebody must lead for reads.
extension Raft {
    mutating func noteDiskFull(_ isFull: Bool, at now: Instant) {
        if isFull != isDiskFull {
            roomOnFullDisk = isFull ? limits.bytesOnFullDisk : 0
            timeoutsOnFullDisk = 0
        }
        isDiskFull = isFull
        if isFull, case .precandidate = role { becomeFollower(in: term, at: now) }
    }

    /// Whether this server, whose election timer has expired, leaves it to others to stand for election.
    mutating func leavesElectionToOthers() -> Bool {
        guard isDiskFull, timeoutsOnFullDisk < RaftLimits.timeoutsOnFullDisk else { return false }
        timeoutsOnFullDisk += 1
        return true
    }

    /// Whether this follower's disk takes an entry of that kind with a payload of so many bytes.
    mutating func takesEntry(_ kind: EntryKind, payloadBytes: Int) -> Bool {
        // Without the entry that begins a term nobody could lead.
        guard isDiskFull, kind != .noOperation else { return true }
        let bytes = payloadBytes + EntryBatch.overhead
        guard bytes <= roomOnFullDisk else { return false }
        roomOnFullDisk -= bytes
        return true
    }

    /// Whether enough voters' disks have room for new entries that one could be committed, as far as this
    /// leader knows.
    public var hasRoomForEntries: Bool {
        !isDiskFull && voters.count - peers.count(where: \.isDiskFull) >= quorum.size
    }
}
