import Primitives

extension ClusterConfiguration {
    /// The config file of this cluster, laid out as in `cluster.example.json`, with a newline at its
    /// end. What equals its default is left out. Times are written in whole milliseconds.
    ///
    /// No text needs escaping: names and addresses are made of harmless characters.
    public var jsonText: String {
        var members = ["\"cluster\": \"\(cluster)\""]
        let entries = nodes.map { "    \($0.jsonText)" }.joined(separator: ",\n")
        members.append("\"nodes\": [\n\(entries)\n  ]")
        if let givenSeeds {
            let list = givenSeeds.map { "\"\($0)\"" }.joined(separator: ", ")
            members.append("\"seeds\": [\(list)]")
        }
        if timing != .standard { members.append("\"timing\": \(timing.jsonText)") }
        if let givenGossipProfile {
            members.append("\"gossip\": { \"profile\": \"\(givenGossipProfile.rawValue)\" }")
        }
        if snapshotEntries != ClusterConfiguration.standardSnapshotEntries {
            members.append("\"snapshot\": { \"entries\": \(snapshotEntries) }")
        }
        return "{\n" + members.map { "  \($0)" }.joined(separator: ",\n") + "\n}\n"
    }
}

extension NodeConfiguration {
    /// The node's entry on one line.
    fileprivate var jsonText: String {
        var members = ["\"id\": \"\(id)\""] + addresses.jsonMembers
        let advertised = advertise.jsonMembers
        if !advertised.isEmpty {
            members.append("\"advertise\": { \(advertised.joined(separator: ", ")) }")
        }
        if joins { members.append("\"joins\": true") }
        return "{ \(members.joined(separator: ", ")) }"
    }
}

extension NodeAddresses {
    fileprivate var jsonMembers: [String] {
        given.map { key, address in "\"\(key)\": \"\(address)\"" }
    }
}

extension TimingConfiguration {
    fileprivate var jsonText: String {
        let heartbeat = "\"heartbeatMilliseconds\": \(heartbeat.wholeMilliseconds)"
        let lowest = election.lowerBound.wholeMilliseconds
        let highest = election.upperBound.wholeMilliseconds
        let elections = "\"electionMilliseconds\": [\(lowest), \(highest)]"
        let request = "\"requestMilliseconds\": \(request.wholeMilliseconds)"
        return "{ \(heartbeat), \(elections), \(request) }"
    }
}
