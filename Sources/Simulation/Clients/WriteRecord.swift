import Raft

/// A write as its tries amount to: one try for a bare write, any number under a key.
struct WriteRecord {
    /// How many tries there were, and how many of them were refused.
    var tries = 0
    var refusals = 0
    /// How often it stands in the committed log, and where last.
    var entries = 0
    var place = LogIndex.zero
    /// Where nodes that were asked put it into their own logs.
    private(set) var proposals: [LogIndex] = []
    /// What had been acknowledged when it was asked for the first time.
    var floor = LogIndex.zero
    /// The entry whose outcome its clients were told.
    var told = LogIndex.zero

    /// Whether there are as many entries as its tries allow, at most.
    var isPossible: Bool { entries + refusals <= tries }

    mutating func propose(at index: LogIndex) {
        if !proposals.contains(index) { proposals.append(index) }
    }
}
