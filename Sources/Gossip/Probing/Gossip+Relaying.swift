import Primitives

/// Answers to pings, and pings for others (SWIM §3.1; the nack is Lifeguard's, §IV-A).
extension Gossip {
    /// A ping has come; the ack goes where it came from.
    mutating func acknowledge(
        _ number: UInt64, to source: Address, _ sender: NodeID, _ effects: inout Effects
    ) {
        let ack = probeMessage(.ack, number, about: id, to: sender)
        effects.datagrams.append(Effects.OutboundDatagram(to: source, bytes: ack))
    }

    /// Another member asks for a probe of a third. It goes to the address that this member knows,
    /// so that no stranger can have something sent to an address of its choice.
    mutating func relay(
        _ requestNumber: UInt64, to target: NodeID, for requester: NodeID, at source: Address,
        _ effects: inout Effects
    ) {
        guard target != id else {
            acknowledge(requestNumber, to: source, requester, &effects)
            return
        }
        guard let member = table[target] else {
            sendNack(requestNumber, to: source, &effects)
            return
        }
        guard relays.count < GossipLimits.relays else {
            counters.overloaded += 1
            return
        }
        let number = random.next()
        relays.append(
            Relay(
                number: number, target: target, requestNumber: requestNumber,
                requester: requester, source: source, end: now + profile.relayTimeout))
        let ping = probeMessage(.ping, number, about: target, to: target)
        effects.datagrams.append(
            Effects.OutboundDatagram(to: member.metadata.gossip, bytes: ping))
    }

    mutating func relaysTimedOut(_ effects: inout Effects) {
        while let relay = relays.first, relay.end <= now {
            relays.removeFirst()
            sendNack(relay.requestNumber, to: relay.source, &effects)
        }
    }

    private mutating func sendNack(
        _ number: UInt64, to source: Address, _ effects: inout Effects
    ) {
        guard profile.hasLifeguard else { return }
        var writer = MessageWriter(.nack, header, onStream: false)
        writer.write(number)
        effects.datagrams.append(
            Effects.OutboundDatagram(to: source, bytes: writer.finished()))
    }

    /// A ping, ack or ping request for `recipient`, with as many rumours as have room in it.
    ///
    /// A recipient that is suspected learns that first of all, and one that is held to be gone when it
    /// sends something, so that it can refute that (Lifeguard §IV-C, "buddy system").
    mutating func probeMessage(
        _ kind: MessageKind, _ number: UInt64, about name: NodeID, to recipient: NodeID,
        onStream isStream: Bool = false
    ) -> [UInt8] {
        var writer = MessageWriter(kind, header, onStream: isStream)
        writer.write(number)
        writer.write(name)
        var told: NodeID?
        if let member = table[recipient], member.state != .alive,
            profile.hasLifeguard || !member.isLive
        {
            writer.write(rumour: Rumour(about: member, by: id).bytes)
            told = recipient
        }
        let limit = profile.retransmissions(in: table.size)
        queue.fill(&writer, limit: limit, upTo: GossipLimits.datagram, except: told)
        return writer.finished()
    }
}
