/// The name of what a line tells: stable, so that alerts and searches can rest on it.
/// `docs/operations.md` lists them all.
enum LogEvent: String, CaseIterable {
    // The node's life.
    case serving
    case stopping
    case stopped
    case fatal
    case pledged
    case founded
    case featureLevel = "feature-level"
    case statesDiffer = "states-differ"
    case statesAgree = "states-agree"

    // Roles, terms and the quorum.
    case electionStarted = "election-started"
    case campaigning
    case voted
    case elected
    case following
    case steppedDown = "stepped-down"
    case newerTerm = "newer-term"
    case majorityLost = "majority-lost"
    case majorityBack = "majority-back"
    case behind
    case caughtUp = "caught-up"
    case transferStarted = "transfer-started"
    case transferFailed = "transfer-failed"

    // Connections to the other voters, and whoever else comes to a port.
    case linked
    case linkLost = "link-lost"
    case lookUpFailed = "look-up-failed"
    case refused
    case badEntries = "bad-entries"
    case stranger
    case acceptFailed = "accept-failed"
    case addressAbsent = "address-absent"

    // The disk.
    case slowSync = "slow-sync"
    case diskStalled = "disk-stalled"
    case diskRecovered = "disk-recovered"
    case diskFull = "disk-full"
    case diskHasRoom = "disk-has-room"
    case tornTail = "torn-tail"
    case snapshot
    case addressBook = "address-book"

    // The gossip.
    case gossipJoined = "gossip-joined"
    case gossipAlone = "gossip-alone"
    case gossipHeard = "gossip-heard"
    case gossipUnbound = "gossip-unbound"
    case gossipBound = "gossip-bound"
    case gossipBlocked = "gossip-blocked"
    case gossipDropped = "gossip-dropped"
    case gossipTwin = "gossip-twin"
    case gossipRefuted = "gossip-refuted"
    case memberChanged = "member-changed"

    // The log itself.
    case linesLeftOut = "lines-left-out"
}
