import Primitives
import Replica
import Wire

/// What comes over connections to peers, and what leaves.
extension Node {
    /// Connections that have ended, or did not come about.
    mutating func takeEnded(at now: Instant, into effects: inout Effects) {
        guard !inbox.ended.isEmpty else { return }
        let ended = inbox.ended
        inbox.ended.removeAll(keepingCapacity: true)
        for id in ended {
            if let position = links.position(of: id) {
                finish(position, at: now, into: &effects)
            } else {
                discovery.ended(id, at: now, into: &effects)
            }
        }
    }

    /// A connection has ended. What a handshake said last still counts; Raft's messages do not, since
    /// their sender is gone.
    private mutating func finish(_ position: Int, at now: Instant, into effects: inout Effects) {
        let (id, phase) = (links[position].id, links[position].phase)
        if phase == .closing { return }
        var fault: WireFault?
        if phase == .open { fault = stepLastWords(of: id, at: now, into: &effects) }
        guard let position = links.position(of: id) else { return }
        if links[position].phase == .open {
            if links[position].speaker == .caller {
                let reason = fault.map { "\($0)" } ?? "it ended before it said who it is"
                effects.notices.append(.badBytes(on: id, reason: reason))
            }
            replica.step(.linkClosed(id), at: now, into: &effects.replica)
        }
        links[position].phase = .closing
        links[position].hasFrames = false
        inbox.connected.removeAll { $0 == id }
        inbox.callers.removeAll { $0 == id }
        effects.closes.append(id)
    }

    /// Returns the fault of the bytes, where they have one.
    private mutating func stepLastWords(
        of id: LinkID, at now: Instant, into effects: inout Effects
    ) -> WireFault? {
        guard let position = links.position(of: id) else { return nil }
        do throws(WireFault) {
            while let next = try links[position].nextMessage() {
                switch next {
                case .raft, .ping, .pong: continue
                default: replica.step(.received(next, on: id), at: now, into: &effects.replica)
                }
                guard let speaker = replica.speaker(on: id) else {
                    links[position].phase = .closing
                    return nil
                }
                links[position].speaker = speaker
            }
            return nil
        } catch {
            return error
        }
    }

    /// This node's calls that stand now.
    mutating func takeConnected(at now: Instant, into effects: inout Effects) {
        guard !inbox.connected.isEmpty else { return }
        let connected = inbox.connected
        inbox.connected.removeAll(keepingCapacity: true)
        open(connected, at: now, into: &effects)
    }

    /// Callers that were accepted: after what those before them have said, since the oldest of them who
    /// has said nothing makes room for a new one.
    mutating func takeCallers(at now: Instant, into effects: inout Effects) {
        guard !inbox.callers.isEmpty else { return }
        let callers = inbox.callers
        inbox.callers.removeAll(keepingCapacity: true)
        open(callers, at: now, into: &effects)
    }

    private mutating func open(
        _ opened: [LinkID], at now: Instant, into effects: inout Effects
    ) {
        for id in opened {
            guard let position = links.position(of: id) else {
                discovery.connected(id, into: &effects)
                continue
            }
            links[position].phase = .open
            let link = links[position]
            replica.step(
                .linkOpened(id, dialed: link.dialed, isHearsay: link.isHearsay), at: now,
                into: &effects.replica)
        }
    }

    /// Steps what has come over connections, a bounded number of frames: first of peers, then of those
    /// who have not said yet who they are. What is left is stepped in the next turn.
    mutating func takeFrames(at now: Instant, into effects: inout Effects) {
        guard links.hasFrames else { return }
        var frames = NodeLimits.framesInTurn
        takeFrames(ofPeers: true, atMost: &frames, now: now, into: &effects)
        takeFrames(ofPeers: false, atMost: &frames, now: now, into: &effects)
    }

    private mutating func takeFrames(
        ofPeers arePeers: Bool, atMost frames: inout Int, now: Instant, into effects: inout Effects
    ) {
        for position in links.indices
        where links[position].hasFrames && links[position].phase == .open
            && (links[position].speaker == .introduced) == arePeers
        {
            stepFrames(at: position, atMost: &frames, now: now, into: &effects)
        }
    }

    private mutating func stepFrames(
        at position: Int, atMost frames: inout Int, now: Instant, into effects: inout Effects
    ) {
        let id = links[position].id
        do throws(WireFault) {
            while frames > 0 {
                guard let message = try links[position].nextMessage() else {
                    links[position].hasFrames = false
                    return
                }
                frames -= 1
                replica.step(.received(message, on: id), at: now, into: &effects.replica)
                guard links[position].speaker != .introduced else { continue }
                // Where it was refused, nothing else that it has said is looked at.
                guard let speaker = replica.speaker(on: id) else {
                    links[position].hasFrames = false
                    return
                }
                links[position].speaker = speaker
            }
        } catch {
            links[position].hasFrames = false
            effects.notices.append(.badBytes(on: id, reason: "\(error)"))
            replica.step(.badFrame(error, on: id), at: now, into: &effects.replica)
        }
    }

    /// Ends a connection of which the replica does not know yet that it is over.
    private mutating func end(_ position: Int, at now: Instant, into effects: inout Effects) {
        replica.step(.linkClosed(links[position].id), at: now, into: &effects.replica)
        links[position].phase = .closing
        effects.closes.append(links[position].id)
    }

    /// Puts what the replica says into frames, and ends the connections that it is done with.
    mutating func sendMessages(at now: Instant, into effects: inout Effects) {
        // A connection that is ended for what it does not take may make the replica say more.
        while !effects.replica.outbox.isEmpty { encodeOutbox(at: now, into: &effects) }
        guard !effects.replica.closes.isEmpty else { return }
        for id in effects.replica.closes {
            guard let position = links.position(of: id), links[position].phase != .closing else {
                continue
            }
            links[position].phase = .closing
            links[position].hasFrames = false
            effects.closes.append(id)
        }
        effects.replica.closes.removeAll(keepingCapacity: true)
    }

    private mutating func encodeOutbox(at now: Instant, into effects: inout Effects) {
        var stuck: [LinkID] = []
        let outbox = effects.replica.outbox
        for (id, message) in outbox {
            guard let position = links.position(of: id), links[position].phase == .open else {
                continue
            }
            switch links[position].enqueue(message) {
            case .queued: effects.flush(id)
            case .dropped: break
            case .stuck: if !stuck.contains(id) { stuck.append(id) }
            }
        }
        _ = consume outbox
        effects.replica.outbox.removeAll(keepingCapacity: true)
        for id in stuck {
            guard let position = links.position(of: id) else { continue }
            effects.notices.append(.badBytes(on: id, reason: "it does not read what it is sent"))
            end(position, at: now, into: &effects)
            mustTurn = true
        }
    }
}
