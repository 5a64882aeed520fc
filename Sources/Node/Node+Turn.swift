import Primitives
import Raft
import Replica

/// The turn. What a client is told never comes from what a message that has arrived would change.
///
/// ```
///  beginTurn   connections that ended · the disk's completion · a snapshot · hashes of the state · own calls that stand · frames · callers ·
///              look-ups · the deadline · calls to peers · the stop
///  request     clients
///  endTurn     one AppendEntries for each follower, one write · gossip · how far the stop is · a snapshot · the disk
/// ```
extension Node {
    /// Begins a turn: steps what has been noted since the last one.
    ///
    /// - Parameters:
    ///   - now: never before the `now` of an earlier call.
    ///   - effects: what the host is to do after `endTurn`; empty at the beginning of each turn.
    public mutating func beginTurn(at now: Instant, into effects: inout Effects) {
        mustTurn = false
        takeEnded(at: now, into: &effects)
        takeCompletion(at: now, into: &effects)
        takeSnapshotEvents(at: now, into: &effects)
        takeStateHashes(at: now, into: &effects)
        takeConnected(at: now, into: &effects)
        takeFrames(at: now, into: &effects)
        takeCallers(at: now, into: &effects)
        takeLookUps(at: now, into: &effects)
        if now >= replica.deadline {
            replica.step(.deadlineReached, at: now, into: &effects.replica)
        }
        if now >= min(dialer.deadline, links.connectDeadline) { callPeers(at: now, into: &effects) }
        takeStopRequest(at: now, into: &effects)
    }

    /// A client asks. An answer that is known at once is returned; nil means that exactly one follows
    /// among the effects of this or a later turn, unless the node ends before.
    public mutating func request<Command>(
        _ request: Replica.Request<Command>, _ id: RequestID, at now: Instant,
        into effects: inout Effects
    ) -> Replica.Answer? {
        // The log's end is under way: an answer that has to wait would never come.
        if isClosing { return .unavailable(.stopping) }
        return replica.request(request, id, at: now, into: &effects.replica)
    }

    /// Ends the turn: everything that was ready has been stepped.
    public mutating func endTurn(at now: Instant, into effects: inout Effects) {
        replica.step(.turnEnded, at: now, into: &effects.replica)
        sendMessages(at: now, into: &effects)
        takeNotices(at: now, into: &effects)
        requestDrop(at: now, into: &effects)
        requestWrite(at: now, into: &effects)
        turnGossip(at: now, into: &effects)
        advanceStop(at: now, into: &effects)
        requestSnapshot(at: now, into: &effects)
        requestRetry(at: now, into: &effects)
        requestMark(at: now, into: &effects)
    }

    /// Hands on what the replica noted, and does what follows from it.
    private mutating func takeNotices(at now: Instant, into effects: inout Effects) {
        guard !effects.replica.notices.isEmpty else { return }
        for notice in effects.replica.notices {
            effects.notices.append(.replica(notice))
            switch notice {
            case .linked(let node):
                dialer.succeeded(with: node)
                noteProven(node)
            case .unlinked(let node): dialer.resume(node, hasCall: links.hasCall(to: node), at: now)
            case .founded:
                if let record = replica.founding.record {
                    discovery.founded(record.digest)
                    mustTurn = true
                }
            default: break
            }
        }
        effects.replica.notices.removeAll(keepingCapacity: true)
    }
}
