import Gossip
import Posix
import Primitives

/// The gossip's streams, this node's calls and those of others: bounded in number, length and time.
extension Server {
    mutating func acceptGossip(from listener: Listener) {
        for _ in 0..<ServerLimits.gossipAcceptsInTurn {
            do throws(Errno) {
                guard let stream = try listener.socket.accept() else { return }
                seatGossipStream(
                    stream, .caller(CallerID(nextCaller)), until: now + ServerLimits.gossipStream)
                nextCaller += 1
            } catch {
                nodeLog.write(.acceptFailed("gossip", "\(error)"), at: now)
                _ = try? listener.socket.shed()
                return
            }
        }
    }

    /// Whoever has had the longest time to say something makes room for a new caller, so that streams
    /// on which nothing is said keep nobody out.
    private mutating func makeRoomForCaller() {
        let callers = gossipStreams.filter { if case .caller = $0.side { true } else { false } }
        if callers.count >= ServerLimits.gossipCallers { closeGossipStream(callers[0]) }
    }

    private mutating func seatGossipStream(
        _ stream: consuming TCPStream, _ side: GossipStream.Side, until deadline: Instant,
        sending bytes: [UInt8] = []
    ) {
        if case .caller = side { makeRoomForCaller() }
        let token = seats.reserve()
        let made = GossipStream(
            stream, token: token, side: side, deadline: deadline, sending: bytes)
        seats.occupy(token, .gossipStream(made))
        gossipStreams.append(made)
        do throws(Errno) {
            try poller.register(made.stream.descriptor, token: token, interest: made.interest)
        } catch {
            endGossipStream(made)
        }
    }

    /// Opens a stream for a call of the core.
    mutating func open(_ call: Gossip.Effects.Call) {
        let deadline = now + ServerLimits.gossipStream
        switch findForGossip(call.to) {
        case .known(let address): connect(call, to: address, until: deadline)
        case .pending: waitForName(.call(call), to: call.to)
        case .nowhere: failGossipCall(call.id)
        }
    }

    private mutating func connect(
        _ call: Gossip.Effects.Call, to address: SocketAddress, until deadline: Instant
    ) {
        do throws(Errno) {
            let stream = try TCPStream.connecting(to: address)
            seatGossipStream(stream, .call(call.id), until: deadline, sending: call.bytes)
        } catch {
            failGossipCall(call.id)
        }
    }

    /// The core hears it in the next turn, so that a call that fails at once can't keep this one.
    mutating func failGossipCall(_ id: CallID) {
        gossipEvents.append(.callFailed(id))
        mustTurn = true
    }

    mutating func sortEvent(_ event: PollEvent, of stream: GossipStream) {
        if stream.isConnecting {
            guard (try? stream.stream.connectResult()) != nil else {
                return endGossipStream(stream)
            }
            stream.isConnecting = false
        }
        if stream.hasOutput { return flush(stream) }
        if event.readable || event.hangup { readyGossipStreams.append(stream) }
    }

    /// Sends; a call then waits for its answer, a caller has got his.
    private mutating func flush(_ stream: GossipStream) {
        guard stream.flush() else { return endGossipStream(stream) }
        if case .caller = stream.side, !stream.hasOutput { return closeGossipStream(stream) }
        let interest: PollInterest = stream.hasOutput ? .writable : .readable
        guard interest != stream.interest else { return }
        stream.interest = interest
        try? poller.modify(stream.stream.descriptor, token: stream.token, interest: interest)
    }

    /// Takes in what came on streams, and hands whole messages to the core: one in a turn, since a long
    /// one takes milliseconds. Streams that were not looked at are still ready in the next turn.
    mutating func takeInGossipStreams() {
        guard !readyGossipStreams.isEmpty else { return }
        let streams = readyGossipStreams
        readyGossipStreams.removeAll(keepingCapacity: true)
        for stream in streams {
            switch stream.receive(by: &inbox) {
            case .unfinished: break
            case .over: endGossipStream(stream)
            case .message(let bytes):
                switch stream.side {
                case .call(let id):
                    gossip.step(.answered(id, bytes), at: now, into: &gossipEffects)
                    closeGossipStream(stream)
                case .caller(let id):
                    gossip.step(.called(id, bytes), at: now, into: &gossipEffects)
                    // What deserves no answer is told so by the end.
                    if gossipEffects.answers.last?.to != id { closeGossipStream(stream) }
                }
                return
            }
        }
    }

    /// Sends the core's answer to a caller who still waits for it.
    mutating func answer(_ caller: CallerID, _ bytes: [UInt8]) {
        for stream in gossipStreams {
            guard case .caller(caller) = stream.side else { continue }
            stream.answer(bytes)
            return flush(stream)
        }
    }

    mutating func expireGossipStreams() {
        for stream in gossipStreams where now >= stream.deadline { endGossipStream(stream) }
    }

    /// The stream has ended before all was said; the core hears it of its own calls.
    private mutating func endGossipStream(_ stream: GossipStream) {
        if case .call(let id) = stream.side { failGossipCall(id) }
        closeGossipStream(stream)
    }

    private mutating func closeGossipStream(_ stream: GossipStream) {
        guard let position = gossipStreams.firstIndex(where: { $0 === stream }) else { return }
        try? poller.remove(stream.stream.descriptor)
        seats.leave(stream.token)
        gossipStreams.remove(at: position)
    }
}
