import Primitives

/// Streams: joining, exchanging all that is known, and looking for those that are gone.
extension Gossip {
    /// How many are called at once by a member that knows no live one.
    private static let callsAtOnce = 3

    /// An address that could be called.
    private struct Callee {
        var address: Address
        var seed: Int?
    }

    /// A member without company calls the seeds and the dead by turns, again and again; one with
    /// company does so now and then, so that the halves of a cluster that was split find each
    /// other.
    mutating func contact(_ effects: inout Effects) {
        forgetTheGone()
        if table.liveOthers == 0 {
            let all = callees(isAlone: true)
            for _ in 0..<min(all.count, Gossip.callsAtOnce) {
                turn = (turn + 1) % all.count
                exchange(with: all[turn], &effects)
            }
            nextContact = now + spread(joinPause)
            joinPause = min(joinPause * 2, profile.joinCeiling)
            return
        }
        joinPause = profile.joinInterval
        nextContact = now + spread(profile.contactInterval)
        let missing = callees(isAlone: false)
        // All members together call about as often as one alone would.
        if !missing.isEmpty, random.below(table.size) < missing.count {
            exchange(with: missing[random.below(missing.count)], &effects)
        }
    }

    /// Every now and then all that is known is exchanged with a random member, which mends whatever
    /// the rumours have missed.
    mutating func exchange(_ effects: inout Effects) {
        nextExchange = now + spread(profile.exchangeInterval(in: table.size))
        guard let member = table.drawLive(&random) else { return }
        exchange(with: Callee(address: member.metadata.gossip), &effects)
    }

    /// Whether another member may be at the seed's address.
    func isCallable(_ seed: Seed) -> Bool {
        !seed.isOwn && seed.address != own.metadata.gossip
    }

    /// The dead, and the seeds; in company, only those seeds at which no member is known to be.
    private func callees(isAlone: Bool) -> [Callee] {
        var callees: [Callee] = []
        let unknown = seeds.indices.filter { position in
            let seed = seeds[position]
            let isLive = seed.id.flatMap { table[$0]?.isLive } ?? false
            return isCallable(seed) && (isAlone || !isLive)
        }
        if !unknown.isEmpty {
            let known =
                isAlone ? [] : table.members.filter(\.isLive).map(\.metadata.gossip).sorted()
            for position in unknown where !known.contains(seeds[position].address) {
                callees.append(Callee(address: seeds[position].address, seed: position))
            }
        }
        for member in table.members where member.state == .dead {
            callees.append(Callee(address: member.metadata.gossip))
        }
        return callees
    }

    private mutating func exchange(with callee: Callee, _ effects: inout Effects) {
        call(callee.address, for: .exchange(seed: callee.seed), stateMessage(.state), &effects)
    }

    /// Opens a stream, unless too many are open.
    mutating func call(
        _ address: Address, for purpose: CallInFlight.Purpose, _ bytes: [UInt8],
        _ effects: inout Effects
    ) {
        guard calls.count < GossipLimits.calls else { return }
        lastCall += 1
        let call = CallInFlight(
            id: CallID(lastCall), purpose: purpose, end: now + profile.callTimeout)
        calls.append(call)
        effects.calls.append(Effects.Call(id: call.id, to: address, bytes: bytes))
    }

    /// All that is known, this member first; where it does not fit, the rest from a place that is
    /// drawn.
    mutating func stateMessage(_ kind: MessageKind) -> [UInt8] {
        var writer = MessageWriter(kind, header, onStream: true)
        var fits = writer.write(entry(own))
        let members = table.members
        let start = random.below(members.count)
        for offset in members.indices where fits {
            let member = members[(start + offset) % members.count]
            if member.id != id { fits = writer.write(entry(member)) }
        }
        return writer.finished()
    }

    private func entry(_ member: Member) -> Message.Entry {
        Message.Entry(
            id: member.id, versionedState: member.versionedState, metadata: member.metadata)
    }

    private mutating func forgetTheGone() {
        let age = profile.rememberGone.nanoseconds
        guard now.nanoseconds > age else { return }
        for id in table.forgetGone(before: Instant(nanoseconds: now.nanoseconds - age)) {
            forget(id)
        }
    }
}
