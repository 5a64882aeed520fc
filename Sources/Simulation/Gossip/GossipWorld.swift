import Gossip
import Primitives

/// One run: the members and the network between them.
final class GossipWorld {
    /// A member and what the machine around it keeps.
    final class Process {
        let id: NodeID
        var gossip: Gossip
        var isRunning = true
        var isSlow = false
        /// When the next event of its timer is due.
        var armed = Instant.never

        init(id: NodeID, _ gossip: consuming Gossip) {
            self.id = id
            self.gossip = gossip
        }

        var isWell: Bool { isRunning && !isSlow }
    }

    private enum Event {
        case timer(Int)
        case datagram(from: Int, to: Int, [UInt8])
        case call(from: Int, to: Int, CallID, [UInt8])
        case answer(to: Int, CallID, [UInt8])
    }

    let seed: UInt64
    let options: GossipSimulation.Options
    let profile: Profile
    var processes: [Process] = []
    var now = Instant.origin
    var watch: GossipWatch
    var random: RandomSource
    private var queue = EventQueue<Event>()
    private var effects = Gossip.Effects()
    private(set) var hash = EffectHash()
    /// Who waits for the answer to which call; its place is the caller's number.
    private var callers: [(process: Int, call: CallID)] = []

    init(seed: UInt64, options: GossipSimulation.Options) {
        self.seed = seed
        self.options = options
        profile = options.profile
        random = RandomSource(seed: seed)
        watch = GossipWatch(members: options.members)
        let known = (0..<options.members).map { number in
            Member(
                id: GossipWorld.id(number), state: .alive, incarnation: 0, since: .origin,
                metadata: GossipWorld.metadata(number, version: "0.1.0"))
        }
        for number in 0..<options.members {
            var gossip = Gossip(
                cluster: Array("simulation".utf8), id: known[number].id,
                metadata: known[number].metadata, seeds: [], profile: profile, incarnation: 0,
                digest: FoundingDigest(seed), seed: random.next(), at: now)
            gossip.introduce(known)
            processes.append(Process(id: known[number].id, gossip))
        }
        for number in drawn(options.slowMembers, of: options.members) {
            processes[number].isSlow = true
        }
        for number in processes.indices { arm(number) }
    }

    private func drawn(_ count: Int, of all: Int) -> [Int] {
        var numbers = Array(0..<all)
        numbers.shuffle(using: &random)
        return Array(numbers.prefix(count))
    }

    /// Lets everything happen that is due before `end`, or until the condition holds.
    func advance(to end: Instant, until isDone: () -> Bool = { false }) {
        while !isDone() {
            guard let time = queue.nextTime, time < end, let next = queue.popFirst() else {
                now = end
                return
            }
            now = time
            happen(next.event)
        }
    }

    /// Something happens to a member, and what follows from it leaves.
    func step(_ number: Int, _ event: consuming Gossip.Event, answering caller: Int? = nil) {
        effects.removeAll()
        processes[number].gossip.step(event, at: now, into: &effects)
        for datagram in effects.datagrams { send(datagram, from: number) }
        for call in effects.calls {
            let receiver = GossipWorld.number(of: call.to)
            note(call.bytes)
            let time = arrival(at: receiver)
            queue.add(.call(from: number, to: receiver, call.id, call.bytes), at: time)
        }
        for answer in effects.answers {
            guard let place = caller else { preconditionFailure("an answer to nobody") }
            let waiting = callers[place]
            note(answer.bytes)
            queue.add(
                .answer(to: waiting.process, waiting.call, answer.bytes),
                at: arrival(at: waiting.process))
        }
        for notice in effects.notices {
            guard case .changed(let id, let state) = notice else { continue }
            let subject = GossipWorld.number(of: id)
            watch.changed(subject, processes[subject], to: state, at: now)
        }
        arm(number)
    }

    private func send(_ datagram: Gossip.Effects.OutboundDatagram, from sender: Int) {
        let receiver = GossipWorld.number(of: datagram.to)
        precondition(datagram.bytes.count <= GossipLimits.datagram, "a datagram too long")
        note(datagram.bytes)
        watch.pinged(receiver, datagram.bytes, at: now)
        if random.chance(options.lossPercent, in: 100) { return }
        queue.add(
            .datagram(from: sender, to: receiver, datagram.bytes), at: arrival(at: receiver))
    }

    private func note(_ bytes: [UInt8]) {
        watch.messages += 1
        watch.bytes += bytes.count
        hash.mix(bytes)
    }

    /// When something sent now is taken in.
    private func arrival(at number: Int) -> Instant {
        let arrival = now + random.timespan(in: GossipSimulation.delay)
        guard processes[number].isSlow else { return arrival }
        return arrival + random.timespan(in: .zero...GossipSimulation.longestLag)
    }

    private func happen(_ event: Event) {
        switch event {
        case .timer(let number):
            let process = processes[number]
            guard process.isRunning else { return }
            process.armed = .never
            if process.gossip.deadline <= now {
                step(number, .deadlineReached)
            } else {
                arm(number)
            }
        case .datagram(let sender, let receiver, let bytes):
            guard processes[receiver].isRunning else { return }
            step(receiver, .datagram(bytes, from: GossipWorld.address(sender)))
        case .call(let caller, let receiver, let id, let bytes):
            // A machine that is gone says nothing at all; the caller's timeout ends its call.
            guard processes[receiver].isRunning else { return }
            callers.append((caller, id))
            let place = callers.count - 1
            step(receiver, .called(CallerID(UInt64(place)), bytes), answering: place)
        case .answer(let caller, let id, let bytes):
            guard processes[caller].isRunning else { return }
            step(caller, .answered(id, bytes))
        }
    }

    /// Has the timer ring at the member's deadline. One that rings too early is set again.
    private func arm(_ number: Int) {
        let process = processes[number]
        guard process.gossip.deadline < process.armed else { return }
        process.armed = process.gossip.deadline
        queue.add(.timer(number), at: max(now, process.armed))
    }
}

// Names that say which process they mean.
extension GossipWorld {
    private static func digits(_ number: Int) -> String {
        number.padded(to: 4)
    }

    static func id(_ number: Int) -> NodeID {
        guard let id = NodeID("m\(digits(number))") else { preconditionFailure("no name") }
        return id
    }

    static func address(_ number: Int, port: Int = 7001) -> Address {
        guard let address = Address(bytes: Array("host-\(digits(number)):\(port)".utf8)) else {
            preconditionFailure("no address")
        }
        return address
    }

    static func metadata(_ number: Int, version: String) -> Metadata {
        guard
            let metadata = Metadata(
                http: address(number, port: 8001), raft: address(number, port: 9001),
                gossip: address(number), role: .none, version: Array(version.utf8))
        else { preconditionFailure("no metadata") }
        return metadata
    }

    static func number(of address: Address) -> Int { number(address.bytes[5..<9]) }

    static func number(of id: NodeID) -> Int { number(id.bytes[1..<5]) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - Int(UInt8(ascii: "0")) }
    }
}
