import Primitives

@testable import Gossip

// What tests call things.

func node(_ number: Int) -> NodeID {
    guard let id = NodeID("n\(number)") else { preconditionFailure("no name") }
    return id
}

func address(_ text: String) -> Address {
    guard let address = Address(Array(text.utf8)) else { preconditionFailure("no address") }
    return address
}

/// Where a member's sockets are.
func gossipAddress(_ number: Int) -> Address { address("10.0.0.1:\(number)") }

func metadata(_ number: Int, at gossip: Address? = nil) -> Metadata {
    guard
        let metadata = Metadata(
            http: address("10.0.1.1:\(number)"), raft: address("10.0.2.1:\(number)"),
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
