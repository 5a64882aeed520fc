import Node
import Primitives

/// A datagram on its way.
struct Datagram {
    /// A number and a port: whoever has it when the datagram arrives.
    var to: Address
    var from: Address
    var bytes: [UInt8]
}

/// Datagrams: lost, doubled, late and out of order, and dropped where nobody takes them in time.
extension World {
    /// How many datagrams wait for a process.
    private static let waitingDatagrams = 64

    func send(_ datagram: Node.Effects.Datagram, from node: SimulatedNode) {
        let source = World.numeric(node.number, moves: node.moves, .gossip)
        hash.mix(datagram.bytes)
        send(Datagram(to: datagram.to, from: source, bytes: datagram.bytes), from: node.number)
    }

    func send(_ datagram: Datagram, from sender: Int) {
        guard let receiver = machine(at: datagram.to),
            !network.isCut(from: sender, to: receiver), !drawLoss()
        else { return }
        var delay = network.delay(from: sender, to: receiver)
        if drawDouble() { queue.add(.datagram(datagram), at: now + delay) }
        if drawLateness() {
            delay = delay + network.random.timespan(in: .zero...network.weather.lateness)
        }
        queue.add(.datagram(datagram), at: now + delay)
    }

    func arrive(_ datagram: Datagram) {
        guard let receiver = machine(at: datagram.to), let process = nodes[receiver].process,
            process.waitingDatagrams < World.waitingDatagrams
        else { return }
        steps += 1
        process.waitingDatagrams += 1
        process.node.note(.datagram(datagram.bytes, from: datagram.from))
        wake(nodes[receiver])
    }
}
