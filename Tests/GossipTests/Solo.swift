import Primitives

@testable import Gossip

/// One member, n1, whose others are played by the test.
final class Solo {
    var gossip: Gossip
    var now = Instant.origin
    let profile: Profile
    /// All that it ever sent.
    var said: [(to: Address, envelope: Envelope)] = []
    var calls: [Gossip.Effects.Call] = []
    var notices: [Gossip.Notice] = []

    /// With `others` known to be alive, n2 and so on.
    init(
        others: Int = 0, profile: Profile = .local, incarnation: UInt64 = 0,
        seeds: [Address] = [], digest: FoundingDigest? = nil, seed: UInt64 = 1
    ) {
        self.profile = profile
        gossip = Gossip(
            cluster: cluster, id: node(1), metadata: metadata(1), seeds: seeds, profile: profile,
            incarnation: incarnation, digest: digest, seed: seed, at: now)
        if others > 0 {
            gossip.introduce(
                (2...others + 1).map {
                    Member(
                        id: node($0), state: .alive, incarnation: 0, since: .origin,
                        metadata: metadata($0))
                })
        }
    }

    /// What the step led to, the datagrams decoded.
    @discardableResult
    func step(_ event: consuming Gossip.Event) -> Gossip.Effects {
        var effects = Gossip.Effects()
        gossip.step(event, at: now, into: &effects)
        for datagram in effects.datagrams {
            guard let envelope = try? MessageReader.read(datagram.bytes, by: .datagram) else {
                preconditionFailure("a datagram of its own that it would not read")
            }
            said.append((datagram.to, envelope))
        }
        calls += effects.calls
        notices += effects.notices
        return effects
    }

    /// A message comes by a datagram.
    @discardableResult
    func apply(
        _ message: Message, from number: Int = 2, digest: FoundingDigest? = nil
    ) -> Gossip.Effects {
        let envelope = Envelope(
            cluster: cluster, digest: digest, sender: node(number), message: message)
        return step(
            .datagram(envelope.bytes(onStream: false), from: gossipAddress(number)))
    }

    /// Rumours come, on an ack that nobody waits for.
    @discardableResult
    func apply(_ rumours: Rumour..., from number: Int = 2) -> Gossip.Effects {
        apply(.ack(number: 0, subject: node(number), rumours: rumours), from: number)
    }

    /// A whole state comes, in answer to a call.
    func answer(_ call: CallID, _ message: Message, from number: Int = 2) {
        let envelope = Envelope(
            cluster: cluster, digest: nil, sender: node(number), message: message)
        step(.answered(call, envelope.bytes(onStream: true)))
    }

    /// Goes from deadline to deadline until `time`.
    func run(until time: Instant) {
        while gossip.deadline <= time {
            precondition(gossip.deadline >= now, "a deadline that has passed")
            now = gossip.deadline
            step(.deadlineReached)
            precondition(gossip.deadline > now, "a deadline that does not go on")
        }
        now = time
    }

    func run(for span: Timespan) { run(until: now + span) }

    /// Runs until it has sent a ping of its own, and takes it out.
    func nextPing() -> (to: Address, number: UInt64, target: NodeID, rumours: [Rumour]) {
        said.removeAll()
        while true {
            now = gossip.deadline
            step(.deadlineReached)
            for (to, envelope) in said {
                if case .ping(let number, let target, let rumours) = envelope.message {
                    said.removeAll()
                    return (to, number, target, rumours)
                }
            }
        }
    }

    var isAlone: Bool { gossip.isAlone }
    var hasLeft: Bool { gossip.hasLeft }

    func state(_ number: Int) -> Member.State? {
        member(number)?.state
    }

    func member(_ number: Int) -> Member? {
        gossip.members.first { $0.id == node(number) }
    }

    /// All acks, pings and so on that were sent to a member.
    func said(to number: Int) -> [Message] {
        said.filter { $0.to == gossipAddress(number) }.map(\.envelope.message)
    }
}
