import Primitives

/// No two listeners under one address.
extension ConfigurationReader {
    /// An address that is taken, and how.
    private struct Claim {
        let path: JSONPath
        let entry: Int
        /// Whether others dial another address to reach this listener.
        let isHidden: Bool
    }

    /// Reports addresses that stand there twice. All share the ports of TCP: the gossip listens on its
    /// port over UDP and TCP.
    mutating func checkAddresses(of entries: [Entry]) {
        var taken: [Address: Claim] = [:]
        for (position, entry) in entries.enumerated() {
            claim(\.http, "http", of: entry, number: position, in: &taken)
            claim(\.raft, "raft", of: entry, number: position, in: &taken)
            claim(\.gossip, "gossip", of: entry, number: position, in: &taken)
            checkOverlaps(of: entry)
        }
    }

    /// Claims what the node listens on and what others dial for it. Hidden listeners of two nodes may
    /// be the same: each lies in a network of its own.
    private mutating func claim(
        _ address: KeyPath<NodeAddresses, Address?>, _ key: String, of entry: Entry, number: Int,
        in taken: inout [Address: Claim]
    ) {
        let listened = entry.addresses[keyPath: address]
        let advertised = entry.advertise[keyPath: address]
        let isHidden = advertised != nil && advertised != listened
        if let listened, !listened.isUnspecified {
            let path = entry.path[key]
            claim(listened, Claim(path: path, entry: number, isHidden: isHidden), in: &taken)
        }
        if isHidden, let advertised, !advertised.isUnspecified {
            let path = entry.path["advertise"][key]
            claim(advertised, Claim(path: path, entry: number, isHidden: false), in: &taken)
        }
    }

    private mutating func claim(
        _ address: Address, _ claim: Claim, in taken: inout [Address: Claim]
    ) {
        guard let first = taken[address] else {
            taken[address] = claim
            return
        }
        if first.isHidden && claim.isHidden && first.entry != claim.entry { return }
        report("\(address) is already \(first.path.text); take another port", at: claim.path)
    }

    /// A listener on every interface takes its port from the node's other listeners.
    private mutating func checkOverlaps(of entry: Entry) {
        let given = entry.addresses.given
        for (position, later) in given.enumerated() {
            guard
                let earlier = given[..<position].first(where: { earlier in
                    earlier.address.port == later.address.port
                        && (earlier.address.isUnspecified || later.address.isUnspecified)
                })
            else { continue }
            report(
                "\(later.address) overlaps with \(earlier.address), which is "
                    + "\(entry.path[earlier.key].text); take another port",
                at: entry.path[later.key])
        }
    }
}
