import Primitives
import Replica

/// How far a node that is about to end has come.
struct StopProgress {
    enum Phase {
        /// Leadership is given away, clients get their answers, the gossip is left.
        case leaving
        /// The log gets its last mark.
        case closing
    }

    /// When it goes on, whoever still waits: clients first, then the disk.
    var deadline: Instant
    var phase = Phase.leaving
    /// Whether the gossip was told to leave.
    var hasToldGossip = false
}

/// A stop in good order: the node gives its leadership away, answers what was asked, leaves the gossip,
/// closes the log.
extension Node {
    /// Whether a stop was asked for.
    public var isStopping: Bool { stop != nil || inbox.isStopRequested }

    /// Whether nobody is waited for any more: whoever asks now is turned down.
    var isClosing: Bool {
        if case .closing? = stop?.phase { true } else { false }
    }

    /// Whether the log was closed: nothing is under way at the disk any more.
    public var isLogClosed: Bool { disk.isClosed }

    /// Begins to stop; a second request changes nothing.
    mutating func takeStopRequest(at now: Instant, into effects: inout Effects) {
        guard inbox.isStopRequested else { return }
        inbox.isStopRequested = false
        guard stop == nil else { return }
        stop = StopProgress(deadline: now + NodeLimits.stopping)
        replica.step(.stopRequested, at: now, into: &effects.replica)
        mustTurn = true
    }

    /// Goes on with the stop.
    mutating func advanceStop(at now: Instant, into effects: inout Effects) {
        guard var stop else { return }
        switch stop.phase {
        case .leaving:
            if replica.hasHandedOver, !stop.hasToldGossip {
                stop.hasToldGossip = true
                discovery.leave()
                mustTurn = true
            }
            if hasLeft || now >= stop.deadline {
                // Whoever waits for longer than a stop may take gets an answer, too.
                replica.step(.requestsAbandoned, at: now, into: &effects.replica)
                stop.phase = .closing
                stop.deadline = stop.deadline + NodeLimits.closing
                mustTurn = true
            }
        case .closing:
            if disk.isClosed {
                effects.isStopped = true
            } else if let request = disk.requestClose(commit: durableCommit, at: now) {
                effects.disk = request
            } else if now >= stop.deadline {
                effects.notices.append(.stoppedWithoutDisk)
                effects.isStopped = true
            }
        }
        self.stop = stop
    }

    /// Whether nobody waits for this node any more.
    private var hasLeft: Bool {
        replica.hasHandedOver && !replica.hasWaitingRequests && areClientsServed
            && (discovery.hasLeft || !gossipSockets.canSend)
    }
}
