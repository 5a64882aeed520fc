import Primitives

/// Whether a node can run with the file, and whether others find it where the file says.
extension ConfigurationReader {
    /// Reports a file with which no node can run, and addresses that lead others nowhere.
    mutating func checkReach(of entries: [Entry], at path: JSONPath) {
        checkServable(entries, at: path)
        checkLoopback("http", \.http, entries)
        checkLoopback("raft", \.raft, entries)
        checkLoopback("gossip", \.gossip, entries)
    }

    /// A node needs all of its own addresses; one whose entry is complete may learn the others'.
    private mutating func checkServable(_ entries: [Entry], at path: JSONPath) {
        guard !entries.contains(where: { $0.addresses.missing.isEmpty }) else { return }
        if entries.allSatisfy({ $0.addresses.given.isEmpty }) {
            report(
                "no node has addresses of its own, so none can run with this file; give one \"http\", "
                    + "\"raft\" and \"gossip\", as in cluster.example.json", at: path)
        } else if entries.allSatisfy({ $0.addresses.raft == nil && $0.addresses.gossip == nil }) {
            warn(
                "no node has \"raft\" and \"gossip\", so none can run with this file; it is good for "
                    + "clients alone", at: path)
        } else {
            for entry in entries where !entry.addresses.given.isEmpty {
                for key in entry.addresses.missing {
                    report(
                        "missing; no node of this file has all three addresses, so none can run with "
                            + "it", at: entry.path[key])
                }
            }
        }
    }

    /// A node that says of itself that it is on loopback, while others are on other machines, can't be
    /// reached by them, and redirects to it lead clients to themselves. A name may stand for loopback,
    /// too, so beside names alone that is a warning.
    private mutating func checkLoopback(
        _ key: String, _ address: KeyPath<NodeAddresses, Address?>, _ entries: [Entry]
    ) {
        let dialled = entries.compactMap { entry -> (entry: Entry, address: Address)? in
            let found = entry.advertise[keyPath: address] ?? entry.addresses[keyPath: address]
            return found.map { (entry, $0) }
        }
        let elsewhere = dialled.map(\.address).filter { !$0.isLoopback }
        let sure = elsewhere.first { if case .name = $0.host { false } else { true } }
        guard let other = sure ?? elsewhere.first else { return }
        for (entry, address) in dialled where address.isLoopback {
            let isAdvertised = entry.advertise.given.contains { $0.key == key }
            let place = isAdvertised ? entry.path["advertise"][key] : entry.path[key]
            let message =
                "\(address) leads every machine to itself, while others are elsewhere (\(other)); "
                + (isAdvertised
                    ? "write an address at which they reach this node"
                    : "write an address at which they reach this node, or put one under \"advertise\"")
            if sure == nil { warn(message, at: place) } else { report(message, at: place) }
        }
    }
}
