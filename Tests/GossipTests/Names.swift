import Primitives

@testable import Gossip

// What tests call things.

func node(_ number: Int) -> NodeID {
    guard let id = NodeID("n\(number)") else { preconditionFailure("no name") }
    return id
}

func address(_ text: String) -> Address {
    guard let address = Address(bytes: text.utf8) else {
        preconditionFailure("\(text) is no address")
    }
    return address
}

/// An address of that many bytes, 11 to 259.
func longAddress(_ count: Int) -> Address {
    var name = [UInt8](repeating: UInt8(ascii: "a"), count: count - 6)
    for dot in stride(from: 1, to: name.count - 1, by: 50) { name[dot] = UInt8(ascii: ".") }
    return address(String(decoding: name, as: UTF8.self) + ":12345")
}

/// Where a member's sockets are.
func gossipAddress(_ number: Int) -> Address { address(number, in: 0) }

/// An address for each number, 0 included, none of which has the port 0.
private func address(_ number: Int, in network: Int) -> Address {
    let port = number % 65_535
    return address("10.0.\(network).\(1 + number / 65_535):\(port == 0 ? 65_535 : port)")
}

func metadata(_ number: Int, at gossip: Address? = nil) -> Metadata {
    guard
        let metadata = Metadata(
            http: address(number, in: 1), raft: address(number, in: 2),
            gossip: gossip ?? gossipAddress(number), role: .voter, version: Array("0.1.0".utf8))
    else { preconditionFailure("no metadata") }
    return metadata
}

func alive(_ number: Int, _ incarnation: UInt64 = 0) -> Rumour {
    Rumour(id: node(number), incarnation: incarnation, claim: .alive(metadata(number)))
}

func suspect(_ number: Int, _ incarnation: UInt64 = 0, by accuser: Int) -> Rumour {
    Rumour(id: node(number), incarnation: incarnation, claim: .suspect(by: node(accuser)))
}

func dead(_ number: Int, _ incarnation: UInt64 = 0, by accuser: Int) -> Rumour {
    Rumour(id: node(number), incarnation: incarnation, claim: .dead(by: node(accuser)))
}

func left(_ number: Int, _ incarnation: UInt64 = 0) -> Rumour {
    Rumour(id: node(number), incarnation: incarnation, claim: .left)
}

let cluster = Array("example".utf8)
