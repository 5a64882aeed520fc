import Gossip
import Primitives
import Replica

/// The gossip's streams, this node's calls and those of others: bounded in number, length and time.
extension Discovery {
    private func position(of id: LinkID) -> Int? { streams.firstIndex { $0.id == id } }

    /// Somebody has opened a stream. Whoever has had the longest time to say something makes room for
    /// it, so that streams on which nothing is said keep nobody out.
    mutating func accept(_ id: LinkID, at now: Instant, into effects: inout Node.Effects) {
        let callers = streams.indices.filter { position in
            if case .caller = streams[position].side { !streams[position].isClosing } else { false }
        }
        if callers.count >= NodeLimits.gossipCallers { close(callers[0], into: &effects) }
        streams.append(
            GossipStream(id, caller: takeCallerID(), until: now + NodeLimits.gossipStream))
    }

    func room(on id: LinkID) -> Int { position(of: id).map { streams[$0].room } ?? 0 }

    mutating func receive(_ bytes: [UInt8], _ range: Range<Int>, on id: LinkID) {
        if let position = position(of: id) { streams[position].receive(bytes, range) }
    }

    mutating func withOutput(
        of id: LinkID, _ send: ([UInt8], Range<Int>) -> Int
    ) -> Node.OutputState {
        guard let position = position(of: id), streams[position].isConnected else { return .empty }
        let output = streams[position].output
        let taken = output.isEmpty ? 0 : send(output.bytes, output.rest)
        _ = consume output
        streams[position].output.consume(taken)
        guard streams[position].output.isEmpty else { return .waiting }
        return streams[position].isAnswered ? .done : .empty
    }

    mutating func forget(_ id: LinkID) { streams.removeAll { $0.id == id } }

    /// This node's call stands.
    mutating func connected(_ id: LinkID, into effects: inout Node.Effects) {
        guard let position = position(of: id) else { return }
        streams[position].isConnected = true
        effects.flush(id)
    }

    /// A stream has ended. What came before may be a whole message, though nobody hears an answer.
    mutating func ended(_ id: LinkID, at now: Instant, into effects: inout Node.Effects) {
        guard let position = position(of: id), !streams[position].isClosing else { return }
        if case .call = streams[position].side {
            _ = takeMessage(at: position, now: now, into: &effects)
        }
        guard !streams[position].isClosing else { return }
        abort(position, into: &effects)
    }

    /// Hands one whole message to the core, since a long one takes milliseconds; the others wait for the
    /// next turns. Returns whether some may wait.
    mutating func takeMessages(at now: Instant, into effects: inout Node.Effects) -> Bool {
        for position in streams.indices where !streams[position].isClosing {
            if takeMessage(at: position, now: now, into: &effects) { return true }
            if streams[position].isBroken { abort(position, into: &effects) }
        }
        return false
    }

    private mutating func takeMessage(
        at position: Int, now: Instant, into effects: inout Node.Effects
    ) -> Bool {
        guard let bytes = streams[position].takeMessage() else { return false }
        switch streams[position].side {
        case .call(let call):
            step(.answered(call, bytes), at: now)
            close(position, into: &effects)
        case .caller(let caller):
            step(.called(caller, bytes), at: now)
            // What deserves no answer is told so by the end.
            if !hasAnswer(for: caller) { close(position, into: &effects) }
        }
        return true
    }

    /// Puts the core's answer before a caller who still waits for it.
    mutating func answer(
        _ caller: CallerID, _ bytes: [UInt8], into effects: inout Node.Effects
    ) {
        for position in streams.indices
        where streams[position].side == .caller(caller) && !streams[position].isClosing {
            streams[position].answer(bytes)
            effects.flush(streams[position].id)
        }
    }

    mutating func expireStreams(at now: Instant, into effects: inout Node.Effects) {
        for position in streams.indices
        where now >= streams[position].deadline && !streams[position].isClosing {
            abort(position, into: &effects)
        }
    }

    /// The stream ends before all was said; the core hears it of its own calls.
    private mutating func abort(_ position: Int, into effects: inout Node.Effects) {
        if case .call(let call) = streams[position].side { fail(call) }
        close(position, into: &effects)
    }

    private mutating func close(_ position: Int, into effects: inout Node.Effects) {
        streams[position].isClosing = true
        effects.closes.append(streams[position].id)
    }
}
