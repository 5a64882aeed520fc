import Primitives

/// Leaving on purpose, which others can tell from a failure.
extension Gossip {
    /// The fewest that are told directly, where there are as many.
    private static let fewestListeners = 8

    /// Says good-bye: to everybody in a small cluster, to some in a large one, who tell the others.
    /// From here on nothing else is done but to answer.
    mutating func leave(_ effects: inout Effects) {
        guard farewell == nil else { return }
        var own = own
        own.state = .left
        own.since = now
        table.replace(own)
        probe = nil
        relays.removeAll()
        suspicions.removeAll()
        calls.removeAll()
        queue.removeAll()
        queue.add(Rumour(about: own, by: id))
        let listeners = drawListeners()
        let farewell = Farewell(
            listeners: listeners, again: now + profile.probeTimeout,
            end: now + profile.leaveTimeout)
        sayGoodBye(to: listeners, onStreams: false, &effects)
        self.farewell = farewell
        hasLeft = listeners.isEmpty
    }

    private mutating func drawListeners() -> [Farewell.Listener] {
        let wanted = max(Gossip.fewestListeners, profile.retransmissions(in: table.size))
        var ids = table.members.filter { $0.isLive && $0.id != id }.map(\.id)
        ids.shuffle(using: &random)
        return ids.prefix(wanted).map { Farewell.Listener(id: $0, number: random.next()) }
    }

    mutating func goOnLeaving(_ farewell: Farewell, _ effects: inout Effects) {
        guard !hasLeft else { return }
        if now >= farewell.end {
            self.farewell?.listeners.removeAll()
            hasLeft = true
        } else if now >= farewell.again {
            sayGoodBye(to: farewell.listeners, onStreams: !farewell.isOnStreams, &effects)
            self.farewell?.again = now + profile.probeTimeout
            self.farewell?.isOnStreams = true
        }
    }

    private mutating func sayGoodBye(
        to listeners: [Farewell.Listener], onStreams: Bool, _ effects: inout Effects
    ) {
        let goodBye = Rumour(about: own, by: id).bytes
        for listener in listeners {
            guard let member = table[listener.id] else { continue }
            for isStream in onStreams ? [false, true] : [false] {
                var writer = MessageWriter(.ping, header, onStream: isStream)
                writer.write(listener.number)
                writer.write(listener.id)
                writer.write(rumour: goodBye)
                let address = member.metadata.gossip
                let ping = writer.finished()
                if isStream {
                    call(address, for: .farewell, ping, &effects)
                } else {
                    effects.datagrams.append(
                        Effects.OutboundDatagram(to: address, bytes: ping))
                }
            }
        }
    }

    /// Whether the ack is for a good-bye.
    mutating func acknowledgedFarewell(_ number: UInt64, _ subject: NodeID) -> Bool {
        guard
            let position = farewell?.listeners.firstIndex(where: {
                $0.number == number && $0.id == subject
            })
        else { return false }
        farewell?.listeners.remove(at: position)
        hasLeft = farewell?.listeners.isEmpty ?? false
        return true
    }
}
