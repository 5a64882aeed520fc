import Primitives

/// What comes in.
extension Gossip {
    /// What became of a message at the door.
    enum Verdict {
        case fine(Envelope)
        /// It goes by this member's own name.
        case own(Message)
        case dropped
    }

    /// Looks whether the message is one, and for this cluster; counts it where it is not.
    mutating func open(_ bytes: [UInt8], by way: MessageKind.Way) -> Verdict {
        let envelope: Envelope
        do throws(MessageFault) {
            envelope = try MessageReader.read(bytes, by: way)
        } catch {
            switch error {
            case .malformed: counters.malformed += 1
            case .oversized: counters.oversized += 1
            }
            return .dropped
        }
        guard envelope.cluster == cluster,
            digest == nil || envelope.digest == nil || digest == envelope.digest
        else {
            counters.foreign += 1
            return .dropped
        }
        if envelope.sender == id {
            counters.ownName += 1
            return .own(envelope.message)
        }
        lastHeard = now
        return .fine(envelope)
    }

    mutating func received(_ bytes: [UInt8], from source: Address, _ effects: inout Effects) {
        guard case .fine(let envelope) = open(bytes, by: .datagram) else { return }
        switch envelope.message {
        case .ping(let number, let target, let rumours):
            guard pinged(target, rumours, &effects) else { return }
            acknowledge(number, to: source, envelope.sender, &effects)
        case .ack(let number, let subject, let rumours):
            apply(rumours, &effects)
            acknowledged(number, subject, by: envelope.sender, &effects)
        case .pingRequest(let number, let target, let rumours):
            apply(rumours, &effects)
            relay(number, to: target, for: envelope.sender, at: source, &effects)
        case .nack(let number): refused(number, by: envelope.sender)
        case .state, .stateAnswer: preconditionFailure("a state in a datagram")
        }
    }

    /// Takes in what a ping carries; says whether it is for this member, and not for one that was
    /// reached here before.
    private mutating func pinged(
        _ target: NodeID, _ rumours: [Rumour], _ effects: inout Effects
    ) -> Bool {
        apply(rumours, &effects)
        if target != id { counters.misdirected += 1 }
        return target == id
    }

    /// Another member has opened a stream and asks.
    mutating func called(_ caller: CallerID, _ bytes: [UInt8], _ effects: inout Effects) {
        switch open(bytes, by: .question) {
        case .dropped: break
        case .own(.state(let entries)):
            // Either this member has called itself under another spelling of its address, and will
            // know it by the answer; or there are two of its name.
            reportTwin(in: entries, &effects)
            effects.answers.append((caller, stateMessage(.stateAnswer)))
        case .own: break
        case .fine(let envelope):
            switch envelope.message {
            case .ping(let number, let target, let rumours):
                guard pinged(target, rumours, &effects) else { return }
                let ack = probeMessage(
                    .ack, number, about: id, to: envelope.sender, onStream: true)
                effects.answers.append((caller, ack))
            case .state(let entries):
                noteJoined(through: envelope.sender, &effects)
                merge(entries, from: envelope.sender, isAnswer: false, &effects)
                effects.answers.append((caller, stateMessage(.stateAnswer)))
            case .ack, .pingRequest, .nack, .stateAnswer:
                preconditionFailure("\(envelope.message.kind) as a question")
            }
        }
    }

    /// A stream that this member has opened has brought an answer.
    mutating func answered(_ id: CallID, _ bytes: [UInt8], _ effects: inout Effects) {
        guard let position = calls.firstIndex(where: { $0.id == id }) else {
            counters.unexpected += 1
            return
        }
        let call = calls.remove(at: position)
        switch (open(bytes, by: .answer), call.purpose) {
        case (.dropped, _): break
        case (.own, .exchange(let seed)):
            if let seed { seeds[seed].isOwn = true }
        case (.own, _): break
        case (.fine(let envelope), .exchange(let seed)):
            guard case .stateAnswer(let entries) = envelope.message else {
                counters.unexpected += 1
                return
            }
            if let seed { seeds[seed].id = envelope.sender }
            noteJoined(through: envelope.sender, &effects)
            merge(entries, from: envelope.sender, isAnswer: true, &effects)
        case (.fine(let envelope), .probe), (.fine(let envelope), .leaving):
            guard case .ack(let number, let subject, let rumours) = envelope.message else {
                counters.unexpected += 1
                return
            }
            apply(rumours, &effects)
            acknowledgedOnStream(number, subject, &effects)
        }
    }

    mutating func callFailed(_ id: CallID) {
        calls.removeAll { $0.id == id }
    }

    mutating func founded(_ digest: FoundingDigest) {
        self.digest = digest
        header = MessageWriter.Header(cluster: cluster, digest: digest, sender: id)
    }

    private mutating func noteJoined(through id: NodeID, _ effects: inout Effects) {
        guard !hasJoined else { return }
        hasJoined = true
        effects.notices.append(.joined(through: id))
    }
}
