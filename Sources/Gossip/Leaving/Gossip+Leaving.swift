import Primitives

/// Leaving on purpose, which others can distinguish from a failure.
extension Gossip {
    /// The fewest that the announcement goes to directly, where there are as many.
    private static let fewestRecipients = 8

    /// Announces the leave: to all members of a small cluster, to some of a large one, which gossip it
    /// on.
    /// From here on nothing else is done but to answer.
    mutating func leave(_ effects: inout Effects) {
        guard leaving == nil else { return }
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
        let recipients = drawRecipients()
        let leaving = LeaveAnnouncement(
            recipients: recipients, again: now + profile.probeTimeout,
            end: now + profile.leaveTimeout)
        announceLeave(to: recipients, onStreams: false, &effects)
        self.leaving = leaving
        hasLeft = recipients.isEmpty
    }

    private mutating func drawRecipients() -> [LeaveAnnouncement.Recipient] {
        let wanted = max(Gossip.fewestRecipients, profile.retransmissions(in: table.size))
        var ids = table.members.filter { $0.isLive && $0.id != id }.map(\.id)
        ids.shuffle(using: &random)
        return ids.prefix(wanted).map { LeaveAnnouncement.Recipient(id: $0, number: random.next()) }
    }

    mutating func continueLeaving(_ leaving: LeaveAnnouncement, _ effects: inout Effects) {
        guard !hasLeft else { return }
        if now >= leaving.end {
            self.leaving?.recipients.removeAll()
            hasLeft = true
        } else if now >= leaving.again {
            announceLeave(to: leaving.recipients, onStreams: !leaving.isOnStreams, &effects)
            self.leaving?.again = now + profile.probeTimeout
            self.leaving?.isOnStreams = true
        }
    }

    private mutating func announceLeave(
        to recipients: [LeaveAnnouncement.Recipient], onStreams: Bool, _ effects: inout Effects
    ) {
        let goodBye = Rumour(about: own, by: id).bytes
        for recipient in recipients {
            guard let member = table[recipient.id] else { continue }
            for isStream in onStreams ? [false, true] : [false] {
                var writer = MessageWriter(.ping, header, onStream: isStream)
                writer.write(recipient.number)
                writer.write(recipient.id)
                writer.write(rumour: goodBye)
                let address = member.metadata.gossip
                let ping = writer.finished()
                if isStream {
                    call(address, for: .leaving, ping, &effects)
                } else {
                    effects.datagrams.append(
                        Effects.OutboundDatagram(to: address, bytes: ping))
                }
            }
        }
    }

    /// Whether the ack is for the announcement of a leave.
    mutating func acknowledgedLeave(_ number: UInt64, _ subject: NodeID) -> Bool {
        guard
            let position = leaving?.recipients.firstIndex(where: {
                $0.number == number && $0.id == subject
            })
        else { return false }
        leaving?.recipients.remove(at: position)
        hasLeft = leaving?.recipients.isEmpty ?? false
        return true
    }
}
