import Gossip
import Primitives
import Replica

/// The gossip core with what it needs to be heard: its streams as bytes, and the names in addresses.
/// It finds addresses and shows who is there; nothing that it says reaches Raft.
struct Discovery: ~Copyable {
    private var gossip: Gossip
    private var effects = Gossip.Effects()
    /// What the core is told in the next turn.
    private var events: [Gossip.Event] = []
    var streams: [GossipStream] = []
    var names = NameCache()
    var waiting: [WaitingForName] = []
    private var nextCaller: UInt64 = 1

    private var seenMembers: UInt64 = 0
    private var wasAlone = false
    private var toldDrops = Gossip.Counters()
    private var dropsDue = Instant.origin
    /// Whether what is known of addresses has changed since the book was written.
    var hasAddressNews = false

    init(_ gossip: consuming Gossip) { self.gossip = gossip }

    /// When the gossip wants a turn.
    var deadline: Instant {
        if !events.isEmpty { return .origin }
        var next = gossip.deadline
        for stream in streams { next = min(next, stream.deadline) }
        for waiting in waiting { next = min(next, waiting.until) }
        return next
    }

    /// Whether a turn has anything to do here.
    func hasWork(at now: Instant) -> Bool {
        !events.isEmpty || !streams.isEmpty || !waiting.isEmpty || hasAddressNews
            || now >= gossip.deadline
    }

    var members: [Member] { gossip.members }
    var isAlone: Bool { gossip.isAlone }
    var hasLeft: Bool { gossip.hasLeft }
    var incarnation: UInt64 { gossip.incarnation }

    /// The cluster is founded, with a record of that digest.
    mutating func founded(_ digest: UInt64) { events.append(.founded(FoundingDigest(digest))) }

    /// The node is about to end.
    mutating func leave() { events.append(.leave) }

    /// The core hears in the next turn that a call came to nothing, so that one which fails at once can't
    /// keep the present turn.
    mutating func fail(_ call: CallID) { events.append(.callFailed(call)) }

    mutating func takeCallerID() -> CallerID {
        defer { nextCaller += 1 }
        return CallerID(nextCaller)
    }

    /// Steps the core.
    mutating func step(_ event: consuming Gossip.Event, at now: Instant) {
        gossip.step(event, at: now, into: &effects)
    }

    /// Whether the core has an answer for that caller.
    func hasAnswer(for caller: CallerID) -> Bool { effects.answers.contains { $0.to == caller } }

    /// Steps what was put off, and the deadline.
    mutating func stepDue(at now: Instant) {
        if !events.isEmpty {
            let events = events
            self.events.removeAll(keepingCapacity: true)
            for event in events { gossip.step(event, at: now, into: &effects) }
        }
        if now >= gossip.deadline { gossip.step(.deadlineReached, at: now, into: &effects) }
    }

    /// What the core wants done; nil where that is nothing, as in most turns.
    mutating func takeEffects() -> Gossip.Effects? {
        if effects.datagrams.isEmpty && effects.calls.isEmpty && effects.answers.isEmpty
            && effects.notices.isEmpty
        {
            return nil
        }
        let taken = effects
        effects.removeAll()
        return taken
    }

    /// Whether the gossip hears others, where that has changed.
    mutating func takeLoneliness() -> Bool? {
        guard gossip.isAlone != wasAlone else { return nil }
        wasAlone = gossip.isAlone
        return wasAlone
    }

    /// What was dropped since this was last asked, however much it was, and seldom. What comes late or
    /// twice is dropped every day; only what no node of this cluster sends is worth a line.
    mutating func takeDrops(at now: Instant) -> (now: Gossip.Counters, then: Gossip.Counters)? {
        let counters = gossip.counters
        guard now >= dropsDue, counters.suspicious != toldDrops.suspicious else { return nil }
        dropsDue = now + NodeLimits.dropsInterval
        defer { toldDrops = counters }
        return (counters, toldDrops)
    }

    /// The members, where they have changed since this was last asked.
    mutating func takeMemberNews() -> [Member]? {
        guard gossip.membersVersion != seenMembers else { return nil }
        seenMembers = gossip.membersVersion
        hasAddressNews = true
        return gossip.members
    }
}

extension Gossip.Counters {
    /// How much was dropped that nobody of this cluster should have sent.
    public var suspicious: Int {
        malformed + foreign + oversized + implausible + overfull + overloaded
    }
}
