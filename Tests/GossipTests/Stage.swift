import Primitives

@testable import Gossip

/// Some members and a network without loss between them, on which everything takes a millisecond.
final class Stage {
    final class Player {
        var gossip: Gossip
        var isRunning = true
        init(_ gossip: consuming Gossip) { self.gossip = gossip }

        var isAlone: Bool { gossip.isAlone }
        var hasLeft: Bool { gossip.hasLeft }
    }

    private enum Happening {
        case datagram([UInt8], from: Int, to: Address)
        case call(Gossip.Effects.Call, from: Int)
        case answer(CallID, [UInt8]?, to: Int)
    }

    var now = Instant.origin
    var players: [Player] = []
    /// Where each player is reached, and under which number.
    var addresses: [(address: Address, player: Int)] = []
    private var coming: [(time: Instant, happening: Happening)] = []
    /// Whether something gets from one player to another; the last says whether it is on a stream.
    var passes: (Int, Int, Bool) -> Bool = { _, _, _ in true }
    var notices: [(player: Int, notice: Gossip.Notice)] = []
    private(set) var messages = 0
    private(set) var bytes = 0

    /// Adds a member and starts it. Players are numbered from 0; the one of number p is reached at
    /// `gossipAddress(p)`.
    @discardableResult
    func add(
        _ number: Int, seeds: [Int], profile: Profile = .local, incarnation: UInt64 = 0
    ) -> Int {
        let player = players.count
        let place = gossipAddress(player)
        let gossip = Gossip(
            cluster: cluster, id: node(number), metadata: metadata(number, at: place),
            seeds: seeds.map { gossipAddress($0) }, profile: profile, incarnation: incarnation,
            digest: nil, seed: UInt64(player) &* 77 &+ 5, at: now)
        players.append(Player(gossip))
        addresses.append((place, player))
        return player
    }

    func step(_ player: Int, _ event: consuming Gossip.Event) {
        var effects = Gossip.Effects()
        players[player].gossip.step(event, at: now, into: &effects)
        let time = now + .milliseconds(1)
        for datagram in effects.datagrams {
            messages += 1
            bytes += datagram.bytes.count
            coming.append((time, .datagram(datagram.bytes, from: player, to: datagram.to)))
        }
        for call in effects.calls { coming.append((time, .call(call, from: player))) }
        for notice in effects.notices { notices.append((player, notice)) }
        precondition(effects.answers.isEmpty, "an answer without a question")
    }

    func run(for span: Timespan) {
        let end = now + span
        while true {
            let due = players.filter(\.isRunning).map { $0.gossip.deadline }.min() ?? .never
            // Everything takes equally long, so that what was sent first comes first.
            let arrival = coming.first?.time ?? .never
            guard min(due, arrival) <= end else { break }
            if arrival <= due {
                now = arrival
                happen(coming.removeFirst().happening)
            } else {
                now = due
                for number in players.indices
                where players[number].isRunning && players[number].gossip.deadline <= now {
                    step(number, .deadlineReached)
                }
            }
        }
        now = end
    }

    private func player(at address: Address) -> Int? {
        addresses.first { $0.address == address }?.player
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .datagram(let bytes, let sender, let address):
            guard let receiver = player(at: address), players[receiver].isRunning,
                passes(sender, receiver, false)
            else { return }
            step(receiver, .datagram(bytes, from: gossipAddress(sender)))
        case .call(let call, let caller):
            let time = now + .milliseconds(1)
            guard let receiver = player(at: call.to), players[receiver].isRunning,
                passes(caller, receiver, true), passes(receiver, caller, true)
            else {
                coming.append((time, .answer(call.id, nil, to: caller)))
                return
            }
            var effects = Gossip.Effects()
            players[receiver].gossip.step(
                .called(CallerID(7), call.bytes), at: now, into: &effects)
            for notice in effects.notices { notices.append((receiver, notice)) }
            let answer = effects.answers.first?.bytes
            coming.append((time, .answer(call.id, answer, to: caller)))
        case .answer(let call, let bytes, let caller):
            guard players[caller].isRunning else { return }
            if let bytes {
                step(caller, .answered(call, bytes))
            } else {
                step(caller, .callFailed(call))
            }
        }
    }

    /// How a player holds a member to be.
    func state(of number: Int, at player: Int) -> Member.State? {
        players[player].gossip.members.first { $0.id == node(number) }?.state
    }

    /// Runs until the condition holds; returns how long that took, or nil where it took too long.
    func wait(atMost span: Timespan, until condition: () -> Bool) -> Timespan? {
        let start = now
        while !condition() {
            guard now.since(start) < span else { return nil }
            run(for: .milliseconds(5))
        }
        return now.since(start)
    }

    /// Whether all of these players hold all of these members for alive.
    func all(_ players: some Sequence<Int>, hold numbers: some Sequence<Int>) -> Bool {
        players.allSatisfy { player in
            numbers.allSatisfy { state(of: $0, at: player) == .alive }
        }
    }
}
