import Primitives

/// Failure detection (SWIM §3.1, §4.3).
extension Gossip {
    /// The last period is over: its question is answered or the member is suspected. The next one
    /// begins.
    mutating func beginPeriod(_ effects: inout Effects) {
        concludeProbe(&effects)
        nextPeriod = now + profile.probeInterval * health.factor
        guard let target = ring.popNext(among: table, &random), let member = table[target] else {
            return
        }
        let number = random.next()
        probe = Probe(
            number: number, target: target, incarnation: member.incarnation,
            timeout: now + profile.probeTimeout * health.factor)
        let ping = probeMessage(.ping, number, about: target, to: target)
        effects.datagrams.append(
            Effects.OutboundDatagram(to: member.metadata.gossip, bytes: ping))
    }

    /// No ack in time: others try, and so does a stream, since there are networks that let nothing
    /// else through.
    mutating func probeTimedOut(_ effects: inout Effects) {
        guard var probe, let timeout = probe.timeout, now >= timeout else { return }
        probe.timeout = nil
        var asked: [NodeID] = []
        for _ in 0..<profile.indirectProbes {
            let target = probe.target
            let chosen = asked
            guard
                let helper = table.drawLive(
                    &random,
                    where: { $0.id != target && $0.state == .alive && !chosen.contains($0.id) })
            else { break }
            asked.append(helper.id)
            let request = probeMessage(.pingRequest, probe.number, about: target, to: helper.id)
            effects.datagrams.append(
                Effects.OutboundDatagram(to: helper.metadata.gossip, bytes: request))
        }
        probe.asked = asked.count
        probe.silent = asked
        self.probe = probe
        if let target = table[probe.target], target.isLive {
            let ping = probeMessage(
                .ping, probe.number, about: target.id, to: target.id, onStream: true)
            call(target.metadata.gossip, for: .probe, ping, &effects)
        }
        // A process that slept through its timeout gives the others the time that is theirs.
        let rest = profile.probeInterval.nanoseconds - profile.probeTimeout.nanoseconds
        nextPeriod = max(nextPeriod, now + Timespan(nanoseconds: rest) * health.factor)
    }

    private mutating func concludeProbe(_ effects: inout Effects) {
        guard let probe = self.probe.take() else { return }
        guard !probe.isAnswered else {
            streamOnly.removeAll { $0.id == probe.target }
            return
        }
        if probe.isAnsweredOnStream {
            countStreamOnly(probe.target, &effects)
            return
        }
        // Neither way gets through, which is no news of datagrams.
        streamOnly.removeAll { $0.id == probe.target }
        // Where those that were asked are well and say so, the fault is not with this member.
        health.worsen(by: probe.asked == 0 ? 1 : missingNacks(probe))
        guard let target = table[probe.target], target.isLive else { return }
        apply(
            Rumour(id: target.id, incarnation: probe.incarnation, claim: .suspect(by: id)),
            &effects)
    }

    private func missingNacks(_ probe: Probe) -> Int {
        profile.hasLifeguard ? probe.silent.count : 0
    }

    /// An ack has come by a datagram.
    mutating func acknowledged(
        _ number: UInt64, _ subject: NodeID, by sender: NodeID, _ effects: inout Effects
    ) {
        if number == probe?.number, subject == probe?.target {
            if probe?.isAnswered == false {
                probe?.isAnswered = true
                probe?.timeout = nil
                health.improve()
            }
        } else if let position = relays.firstIndex(where: { $0.number == number }),
            relays[position].target == subject, sender == subject
        {
            let relay = relays.remove(at: position)
            let ack = probeMessage(.ack, relay.requestNumber, about: subject, to: relay.requester)
            effects.datagrams.append(Effects.OutboundDatagram(to: relay.source, bytes: ack))
        } else if !acknowledgedLeave(number, subject) {
            counters.unexpected += 1
        }
    }

    /// An ack has come by a stream.
    mutating func acknowledgedOnStream(
        _ number: UInt64, _ subject: NodeID, _ effects: inout Effects
    ) {
        if number == probe?.number, subject == probe?.target {
            probe?.isAnsweredOnStream = true
        } else if !acknowledgedLeave(number, subject) {
            counters.unexpected += 1
        }
    }

    /// A member that was asked to probe has had no ack, and is well itself.
    mutating func refused(_ number: UInt64, by sender: NodeID) {
        guard number == probe?.number, let position = probe?.silent.firstIndex(of: sender) else {
            counters.unexpected += 1
            return
        }
        probe?.silent.remove(at: position)
    }

    private mutating func countStreamOnly(_ id: NodeID, _ effects: inout Effects) {
        let position: Int
        if let known = streamOnly.firstIndex(where: { $0.id == id }) {
            position = known
        } else {
            guard streamOnly.count < GossipLimits.members else { return }
            streamOnly.append((id, 0))
            position = streamOnly.count - 1
        }
        streamOnly[position].count += 1
        guard streamOnly[position].count >= GossipLimits.streamOnlyProbes else { return }
        streamOnly.remove(at: position)
        noteBlocked(id, &effects)
    }

    private mutating func noteBlocked(_ id: NodeID, _ effects: inout Effects) {
        let now = now
        blocked.removeAll { $0.until <= now }
        guard !blocked.contains(where: { $0.id == id }), blocked.count < GossipLimits.members else {
            return
        }
        blocked.append((id, now + GossipLimits.blockedNoticeInterval))
        effects.notices.append(.datagramsBlocked(id))
    }
}
