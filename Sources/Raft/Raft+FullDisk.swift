import Primitives

/// A server on a full disk, which has just enough space for its term, its vote and what was under way.
///
/// It stands for no election, like one whose disk is stalled: as a leader it could not take a single
/// command. A candidate goes on: where all disks become full at once, somebody must lead for reads. As a
/// follower it takes no new entries but the one that begins a leader's term, and says so; its leader sends
/// none until it says otherwise. What it is sent that it holds already it acknowledges as ever.
extension Raft {
    mutating func noteDiskFull(_ isFull: Bool, at now: Instant) {
        isDiskFull = isFull
        if isFull, case .precandidate = role { becomeFollower(in: term, at: now) }
    }
}
