import Gossip
import Primitives

/// What an observer of all members notes. No member knows any of it.
struct GossipWatch {
    /// Where a message says what it is (docs/wire-format.md).
    private static let kindOffset = 5
    private static let ping: UInt8 = 1

    var messages = 0
    var bytes = 0
    /// Whether false beliefs count now.
    var counts = false
    private(set) var wellSuspected = 0
    private(set) var wellDead = 0
    private(set) var wellDeadViews = 0
    private(set) var slowDead = 0
    /// When each member was last taken for suspect or dead by the first to do so.
    private var lastSuspected: [Instant]
    private var lastDead: [Instant]

    /// Who has died, and what followed.
    private var victim: Int?
    private(set) var firstProbe: Instant?
    private(set) var firstSuspicion: Instant?
    private(set) var firstDeath: Instant?

    /// Beliefs that follow one another within that time are one event that spreads.
    private static let oneEvent = Profile.lan.probeInterval * 30

    init(members: Int) {
        lastSuspected = Array(repeating: .never, count: members)
        lastDead = Array(repeating: .never, count: members)
    }

    /// A member dies now.
    mutating func died(_ number: Int) { victim = number }

    /// A message leaves for a member.
    mutating func pinged(_ number: Int, _ message: [UInt8], at now: Instant) {
        guard number == victim, firstProbe == nil,
            message[GossipWatch.kindOffset] == GossipWatch.ping
        else { return }
        firstProbe = now
    }

    /// Somebody takes a member for something else than before.
    mutating func changed(
        _ number: Int, _ process: GossipWorld.Process, to state: Member.State, at now: Instant
    ) {
        if number == victim {
            if state == .suspect, firstSuspicion == nil { firstSuspicion = now }
            if state == .dead, firstDeath == nil { firstDeath = now }
            return
        }
        guard counts, process.isRunning else { return }
        switch state {
        case .suspect where GossipWatch.isNew(now, &lastSuspected[number]):
            if !process.isSlow { wellSuspected += 1 }
        case .dead:
            let isFirst = GossipWatch.isNew(now, &lastDead[number])
            if process.isSlow {
                slowDead += isFirst ? 1 : 0
            } else {
                wellDead += isFirst ? 1 : 0
                wellDeadViews += 1
            }
        default: break
        }
    }

    private static func isNew(_ now: Instant, _ last: inout Instant) -> Bool {
        let isNew = last == .never || now.since(last) > GossipWatch.oneEvent
        if isNew { last = now }
        return isNew
    }
}
