import Primitives

/// The file's `nodes`.
extension ConfigurationReader {
    /// What could be read of one entry, faulty or not.
    struct Entry {
        let path: JSONPath
        var id: NodeID?
        var addresses = NodeAddresses()
        var advertise = NodeAddresses()
        var joins = false
    }

    /// The nodes of the file, or nil where an entry can't be had.
    mutating func nodes(_ value: JSONValue?, at path: JSONPath) -> [NodeConfiguration]? {
        guard let value else {
            report("missing; it lists the nodes, as in cluster.example.json", at: path)
            return nil
        }
        let example = "[ { \"id\": \"n1\", … } ]"
        guard let elements = array(value, at: path, example: example) else { return nil }
        if elements.isEmpty {
            report("the list is empty; name the nodes, as in cluster.example.json", at: path)
            return nil
        }
        let entries = elements.enumerated().compactMap { position, element in
            entry(element, at: path[position])
        }
        checkIDs(of: entries)
        checkAddresses(of: entries)
        if entries.count == elements.count { checkVoters(entries, at: path) }
        // What is wrong in one entry is mended first.
        if faults.isEmpty { checkReach(of: entries, at: path) }
        let nodes = entries.compactMap { entry in
            entry.id.map {
                NodeConfiguration(
                    id: $0, addresses: entry.addresses, advertise: entry.advertise,
                    joins: entry.joins)
            }
        }
        return nodes.count == elements.count ? nodes : nil
    }

    private mutating func entry(_ value: JSONValue, at path: JSONPath) -> Entry? {
        guard
            let members = object(
                value, at: path, keys: ["id", "http", "raft", "gossip", "advertise", "joins"],
                example: "{ \"id\": \"n1\", … }")
        else { return nil }
        var entry = Entry(path: path)
        entry.id = name(members["id"], at: path["id"], of: "the node").flatMap { NodeID($0) }
        entry.addresses.http = members["http"].flatMap { address($0, at: path["http"]) }
        entry.addresses.raft = members["raft"].flatMap { address($0, at: path["raft"]) }
        entry.addresses.gossip = members["gossip"].flatMap { address($0, at: path["gossip"]) }
        if let advertise = members["advertise"] {
            entry.advertise = advertised(advertise, at: path["advertise"])
        }
        entry.joins = members["joins"].flatMap { bool($0, at: path["joins"]) } ?? false
        checkListeners(of: entry, advertise: members["advertise"])
        checkLengths(of: entry)
        return entry
    }

    private mutating func advertised(_ value: JSONValue, at path: JSONPath) -> NodeAddresses {
        let example = "{ \"http\": \"10.0.0.7:8001\" }"
        guard
            let members = object(
                value, at: path, keys: ["http", "raft", "gossip"], example: example)
        else { return NodeAddresses() }
        return NodeAddresses(
            http: members["http"].flatMap { dialledAddress($0, at: path["http"]) },
            raft: members["raft"].flatMap { dialledAddress($0, at: path["raft"]) },
            gossip: members["gossip"].flatMap { dialledAddress($0, at: path["gossip"]) })
    }

    /// A listener on every interface needs another address for others to dial. Whether one stands
    /// there is asked of the text, so that a faulty one is not reported as missing, too.
    private mutating func checkListeners(of entry: Entry, advertise: JSONValue?) {
        var keys: [String] = []
        if case .object(let members) = advertise { keys = members.map(\.key) }
        for (key, address) in entry.addresses.given
        where address.isUnspecified && !keys.contains(key) {
            report(
                "nobody can dial \(address); say under \"advertise\" what others shall dial "
                    + "for \"\(key)\"", at: entry.path[key])
        }
    }

    /// What others dial travels with the handshake and the gossip, whose messages have bounds.
    private mutating func checkLengths(of entry: Entry) {
        let addresses = [
            ("http", entry.advertise.http ?? entry.addresses.http),
            ("raft", entry.advertise.raft ?? entry.addresses.raft),
            ("gossip", entry.advertise.gossip ?? entry.addresses.gossip),
        ]
        let lengths = addresses.map { $0.1?.description.utf8.count ?? 0 }
        for ((key, _), length) in zip(addresses, lengths)
        where length > ConfigurationLimits.addressBytes {
            report(
                "has \(length) bytes, more than the \(ConfigurationLimits.addressBytes) that others can "
                    + "be told; take a shorter name", at: entry.path[key])
        }
        let sum = lengths.reduce(0, +)
        if sum > ConfigurationLimits.advertisedBytes {
            report(
                "its addresses have \(sum) bytes together, more than the "
                    + "\(ConfigurationLimits.advertisedBytes) that others can be told; take shorter "
                    + "names", at: entry.path)
        }
    }

    private mutating func checkIDs(of entries: [Entry]) {
        var places: [NodeID: JSONPath] = [:]
        for entry in entries {
            guard let id = entry.id else { continue }
            let path = entry.path["id"]
            if let first = places[id] {
                report("\"\(id)\" is already \(first.text); give each node its own", at: path)
            } else {
                places[id] = path
            }
        }
    }

    private mutating func checkVoters(_ entries: [Entry], at path: JSONPath) {
        let count = entries.count { !$0.joins }
        let highest = ConfigurationLimits.foundingVoters.upperBound
        if count == 0 {
            report("every node has \"joins\"; at least one must found the cluster", at: path)
        } else if count > highest {
            report(
                "\(count) founding voters are too many; at most \(highest), and \"joins\": true "
                    + "for the others", at: path)
        } else if count.isMultiple(of: 2) {
            warn(
                "\(count) founding voters survive no more failures than \(count - 1) would; take an odd "
                    + "number", at: path)
        }
    }
}
