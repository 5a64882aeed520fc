import Gossip
import Primitives
import Replica

/// The gossip's part of a turn: bounded, and after everything that clients wait for.
extension Node {
    mutating func turnGossip(at now: Instant, into effects: inout Effects) {
        // In most turns there is nothing of this kind.
        guard discovery.hasWork(at: now) || !inbox.datagrams.isEmpty else { return }
        discovery.expireStreams(at: now, into: &effects)
        expireWaiting(at: now)
        if !inbox.datagrams.isEmpty {
            for (bytes, source) in inbox.datagrams {
                discovery.step(.datagram(bytes, from: source), at: now)
            }
            inbox.datagrams.removeAll(keepingCapacity: true)
        }
        if discovery.takeMessages(at: now, into: &effects) { mustTurn = true }
        discovery.stepDue(at: now)
        if let wanted = discovery.takeEffects() { carryOut(wanted, at: now, into: &effects) }
        if let isAlone = discovery.takeLoneliness() {
            effects.notices.append(.gossipAlone(isAlone))
        }
        if let drops = discovery.takeDrops(at: now) {
            effects.notices.append(.gossipDropped(drops.now, since: drops.then))
        }
        followMembers(at: now, into: &effects)
    }

    private mutating func carryOut(
        _ wanted: Gossip.Effects, at now: Instant, into effects: inout Effects
    ) {
        for datagram in wanted.datagrams {
            send(datagram.bytes, to: datagram.to, at: now, into: &effects)
        }
        for call in wanted.calls { open(call, at: now, into: &effects) }
        for (caller, bytes) in wanted.answers {
            discovery.answer(caller, bytes, into: &effects)
        }
        for notice in wanted.notices {
            // Without a socket of its own it can't tell what becomes of other nodes' datagrams.
            if case .datagramsBlocked = notice, !gossipSockets.canSend { continue }
            effects.notices.append(.gossip(notice))
        }
    }

    /// Addresses are all that goes from the gossip to where peers are called.
    private mutating func followMembers(at now: Instant, into effects: inout Effects) {
        if let members = discovery.takeMemberNews() {
            for node in dialer.addresses.nodes {
                guard let member = members.first(where: { $0.id == node }), member.state == .alive
                else { continue }
                let addresses = NodeAddresses(
                    http: member.metadata.http, raft: member.metadata.raft,
                    gossip: member.metadata.gossip)
                if dialer.addresses.hear(addresses, of: node) {
                    dialer.hurry(to: node, hasCall: links.hasCall(to: node), at: now)
                }
            }
        }
        guard discovery.hasAddressNews else { return }
        discovery.hasAddressNews = false
        effects.addressBook = AddressBook(
            incarnation: discovery.incarnation, entries: dialer.addresses.worthKeeping)
    }

    // MARK: Names

    private mutating func send(
        _ bytes: [UInt8], to address: Address, at now: Instant, into effects: inout Effects
    ) {
        switch find(address, at: now, into: &effects) {
        case .known(let number):
            effects.datagrams.append(Effects.Datagram(to: number, bytes: bytes))
        case .pending: wait(.datagram(bytes), for: address, at: now)
        // A datagram may be lost at any time.
        case .nowhere: break
        }
    }

    private mutating func open(
        _ call: Gossip.Effects.Call, at now: Instant, into effects: inout Effects
    ) {
        switch find(call.to, at: now, into: &effects) {
        case .known(let number):
            let id = takeLinkID()
            discovery.streams.append(
                GossipStream(id, call: call, until: now + NodeLimits.gossipStream))
            effects.calls.append(Effects.Call(link: id, to: number))
        case .pending: wait(.call(call), for: call.to, at: now)
        case .nowhere: discovery.fail(call.id)
        }
    }

    private mutating func find(
        _ address: Address, at now: Instant, into effects: inout Effects
    ) -> NameCache.Finding {
        if address.isNumeric { return .known(address) }
        if discovery.names.isDue(address, at: now) {
            let ticket = takeTicket()
            discovery.names.asked(address, ticket: ticket)
            effects.lookUps.append(
                Effects.LookUp(ticket: ticket, address: address, isRumour: true))
        }
        return discovery.names.find(address, prefersVersion6: gossipSockets.prefersVersion6)
    }

    private mutating func wait(
        _ work: WaitingForName.Work, for address: Address, at now: Instant
    ) {
        guard discovery.waiting.count < NodeLimits.waitingForNames else { return giveUp(work) }
        discovery.waiting.append(
            WaitingForName(address: address, work: work, until: now + NodeLimits.gossipStream))
    }

    private mutating func giveUp(_ work: WaitingForName.Work) {
        // A datagram may be lost at any time; a call has an end.
        if case .call(let call) = work { discovery.fail(call.id) }
    }

    private mutating func expireWaiting(at now: Instant) {
        guard discovery.waiting.contains(where: { now >= $0.until }) else { return }
        let waiting = discovery.waiting
        discovery.waiting = waiting.filter { now < $0.until }
        for work in waiting where now >= work.until { giveUp(work.work) }
    }

    /// A name that the gossip asked for was looked up: what waited for it goes on.
    mutating func lookedUpForGossip(
        _ ticket: UInt64, _ result: LookUpResult, at now: Instant, into effects: inout Effects
    ) {
        guard let address = discovery.names.learn(ticket, result, at: now) else { return }
        let waiting = discovery.waiting
        discovery.waiting = waiting.filter { $0.address != address }
        for work in waiting where work.address == address {
            switch work.work {
            case .datagram(let bytes): send(bytes, to: address, at: now, into: &effects)
            case .call(let call): open(call, at: now, into: &effects)
            }
        }
    }
}
