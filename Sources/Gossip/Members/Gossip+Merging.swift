import Primitives

/// What is believed of others. Of two claims the greater one holds (`VersionedState`), whoever brings
/// them and in whatever order.
extension Gossip {
    mutating func apply(_ rumours: [Rumour], _ effects: inout Effects) {
        for rumour in rumours { apply(rumour, &effects) }
    }

    mutating func apply(_ rumour: Rumour, _ effects: inout Effects) {
        if rumour.id == id {
            applyAboutSelf(rumour, isAnswer: false, &effects)
            return
        }
        guard let known = table[rumour.id] else {
            admit(rumour, &effects)
            return
        }
        guard known.versionedState.mayRise(to: rumour.incarnation) else {
            counters.implausible += 1
            return
        }
        if known.versionedState < rumour.versionedState {
            adopt(rumour, of: known, &effects)
        } else if known.versionedState == rumour.versionedState,
            case .suspect(let accuser) = rumour.claim
        {
            confirmSuspicion(of: rumour, by: accuser)
        }
    }

    /// Makes others known without a word between them, as if an exchange had just taken place: a
    /// simulated cluster of a thousand need not meet first.
    package mutating func introduce(_ members: [Member]) {
        var met: [NodeID] = []
        for member in members where member.id != id && table[member.id] == nil {
            precondition(member.state == .alive, "meeting \(member.id), who is \(member.state)")
            guard case .admitted(nil) = table.insert(member) else { continue }
            met.append(member.id)
        }
        ring.begin(with: met, &random)
        // As in the midst of a long life: the exchanges lie anywhere in their interval.
        nextExchange =
            now + random.timespan(in: .zero...profile.exchangeInterval(in: table.size))
        hasJoined = true
    }

    /// A full state from another member. What it holds for dead is merged as suspected: the member
    /// itself may have something to say to that, here, where it may still be reached.
    mutating func merge(
        _ entries: [Message.Entry], from sender: NodeID, isAnswer: Bool, _ effects: inout Effects
    ) {
        for entry in entries {
            if entry.id == id {
                applyAboutSelf(rumour(entry, by: sender), isAnswer: isAnswer, &effects)
            } else {
                merge(entry, &effects)
            }
        }
        // What it has to say to this goes into the answer already.
        refuteIfDue(&effects)
    }

    private mutating func merge(_ entry: Message.Entry, _ effects: inout Effects) {
        let incarnation = entry.versionedState.incarnation
        let arrival = Rumour(id: entry.id, incarnation: incarnation, claim: .alive(entry.metadata))
        let known = table[entry.id]
        switch entry.versionedState.state {
        case .alive: apply(arrival, &effects)
        case .left: apply(rumour(entry, by: id), &effects)
        case .dead where known.map { !$0.isLive } ?? true:
            // Of a member that is gone or was never known there is nothing to ask.
            if known != nil { apply(rumour(entry, by: id), &effects) }
        case .suspect, .dead:
            // The entry says where the suspected one is reached, which a rumour does not.
            apply(arrival, &effects)
            let doubt = Rumour(id: entry.id, incarnation: incarnation, claim: .suspect(by: id))
            apply(doubt, &effects)
        }
    }

    private func rumour(_ entry: Message.Entry, by teller: NodeID) -> Rumour {
        Rumour(
            about: Member(
                id: entry.id, state: entry.versionedState.state,
                incarnation: entry.versionedState.incarnation, since: now, metadata: entry.metadata),
            by: teller)
    }

    /// A new member; only with its metadata, and only alive. Of one that is not known it is not
    /// worth knowing that it is gone.
    private mutating func admit(_ rumour: Rumour, _ effects: inout Effects) {
        guard case .alive(let metadata) = rumour.claim else { return }
        let member = Member(
            id: rumour.id, state: .alive, incarnation: rumour.incarnation, since: now,
            metadata: metadata)
        let mayForget = forgottenInStep < GossipLimits.forgottenInStep
        switch table.insert(member, mayForget: mayForget) {
        case .full: counters.overfull += 1
        case .admitted(let forgotten):
            if let forgotten {
                forgottenInStep += 1
                forget(forgotten)
            }
            ring.insert(member.id, &random)
            queue.add(rumour)
            effects.notices.append(.changed(member.id, .alive))
        }
    }

    /// A member that is known no longer is neither gossiped about nor probed.
    mutating func forget(_ id: NodeID) {
        queue.remove(id)
        ring.remove(id)
    }

    private mutating func adopt(
        _ rumour: Rumour, of known: Member, _ effects: inout Effects
    ) {
        var member = known
        member.versionedState = rumour.versionedState
        if case .alive(let metadata) = rumour.claim { member.metadata = metadata }
        if member.state != known.state { member.since = now }
        table.replace(member)
        if member.isLive, !known.isLive { ring.insert(member.id, &random) }
        if known.state == .suspect { endSuspicion(of: member.id) }
        if case .suspect(let accuser) = rumour.claim { beginSuspicion(of: member, by: accuser) }
        queue.add(rumour)
        if member.state != known.state {
            effects.notices.append(.changed(member.id, member.state))
        }
    }
}
