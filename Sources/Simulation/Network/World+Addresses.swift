import Gossip
import Node
import Primitives

/// Where machines are, and by what names they are known.
///
/// A machine's address is 10.0.G.M, where M counts the machines from 1 and G how often this one has
/// moved. In some seeds the config files name machines instead, and a resolver knows where they are.
extension World {
    /// The number that a machine has, with that port.
    static func numeric(_ machine: Int, moves: Int, _ port: SimulatedPort) -> Address {
        Address(
            host: .ipv4([10, 0, UInt8(moves & 0xFF), UInt8(machine + 1)]), port: port.rawValue)
    }

    private static func name(_ machine: Int, _ port: SimulatedPort) -> Address {
        do throws(AddressProblem) {
            return try Address("n\(machine + 1).sim:\(port.rawValue)")
        } catch {
            preconditionFailure("no name: \(error)")
        }
    }

    private static func addresses(_ address: (SimulatedPort) -> Address) -> NodeAddresses {
        NodeAddresses(http: address(.http), raft: address(.raft), gossip: address(.gossip))
    }

    /// What a node tells others to call, where it has moved that often.
    func advertised(_ machine: Int, moves: Int) -> NodeAddresses {
        World.addresses { port in
            plan.hasNames
                ? World.name(machine, port) : World.numeric(machine, moves: moves, port)
        }
    }

    /// The machine that has an address now; nil where none has.
    func machine(at address: Address) -> Int? {
        guard case .ipv4(let bytes) = address.host else { return nil }
        let machine = Int(bytes[3]) - 1
        guard nodes.indices.contains(machine), nodes[machine].moves & 0xFF == Int(bytes[2]) else {
            return nil
        }
        return machine
    }

    /// A process wants to know where a name leads; the resolver is slow at times, or fails.
    func lookUp(_ lookUp: Node.Effects.LookUp, for node: SimulatedNode, _ life: Int) {
        let weather = healing == nil ? plan.names : .calm
        let delay = network.random.timespan(in: weather.delay)
        let fails = weather.failing > 0 && network.random.chance(weather.failing, in: 1_000)
        if fails { tally.failedLookUps += 1 }
        queue.add(
            .lookedUp(
                node: node.number, life: life, ticket: lookUp.ticket,
                fails ? nil : lookUp.address), at: now + delay)
    }

    /// The resolver has answered; nil where it has failed.
    func lookedUp(_ number: Int, _ life: Int, _ ticket: UInt64, _ address: Address?) {
        guard let process = process(number, life) else { return }
        var result = Node.LookUpResult.failed("the resolver does not answer")
        if let address, let machine = nodes.firstIndex(where: { $0.id.isFirstLabel(of: address) }) {
            let host = World.numeric(machine, moves: nodes[machine].resolvedMoves, .raft).host
            result = .found([Address(host: host, port: address.port)])
        }
        process.node.note(.lookedUp(ticket: ticket, result))
        wake(nodes[number])
    }

    /// A machine gets new addresses; with names, the resolver learns of it after a while.
    func move(_ node: SimulatedNode) {
        node.moves += 1
        let delay = draws.faults.timespan(in: .zero...(.milliseconds(1_000)))
        queue.add(.renumbered(node: node.number), at: now + delay)
    }
}

extension NodeID {
    /// Whether a name's first label is this id.
    fileprivate func isFirstLabel(of address: Address) -> Bool {
        address.hostText.utf8.prefix { $0 != UInt8(ascii: ".") }.elementsEqual(bytes)
    }
}

/// How the resolver of names behaves.
struct NameWeather {
    /// How long an answer takes.
    var delay: ClosedRange<Timespan>
    /// Of 1,000 questions, how many are not answered.
    var failing = 0

    static let calm = NameWeather(delay: .microseconds(100)...(.milliseconds(2)))
}
