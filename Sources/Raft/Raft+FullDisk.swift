import Primitives

/// A server on a full disk, which has just enough space for its term, its vote and what was under way.
///
/// It stands for no election, like one whose disk is stalled: as a leader it could not take a single
/// command. As a follower it takes no new entries and says so, and its leader sends none until it says
/// otherwise. What it is sent that it holds already it acknowledges as ever.
extension Raft {
    mutating func noteDiskFull(_ isFull: Bool, at now: Instant) {
        isDiskFull = isFull
        switch role {
        case .precandidate, .candidate: if isFull { becomeFollower(in: term, at: now) }
        case .follower, .leader: break
        }
    }
}
