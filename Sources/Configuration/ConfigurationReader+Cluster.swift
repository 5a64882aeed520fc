import Primitives

/// The top level of the file and its optional parts.
extension ConfigurationReader {
    /// The cluster that the file describes, or nil where a part of it can't be had. With faults it
    /// may still be returned: it is then good for nothing.
    mutating func cluster(_ value: JSONValue) -> ClusterConfiguration? {
        let path = JSONPath.root
        guard
            let members = object(
                value, at: path,
                keys: ["cluster", "nodes", "seeds", "timing", "gossip", "snapshot"],
                example: "cluster.example.json")
        else { return nil }
        let cluster = name(members["cluster"], at: path["cluster"], of: "the cluster")
        let nodes = self.nodes(members["nodes"], at: path["nodes"])
        let seeds = members["seeds"].flatMap { self.seeds($0, at: path["seeds"]) }
        let timing = members["timing"].map { self.timing($0, at: path["timing"]) }
        let profile = members["gossip"].flatMap { gossipProfile($0, at: path["gossip"]) }
        let entries = members["snapshot"].flatMap { snapshotEntries($0, at: path["snapshot"]) }
        guard let cluster, let nodes else { return nil }
        return ClusterConfiguration(
            cluster: cluster, nodes: nodes, givenSeeds: seeds, timing: timing ?? .standard,
            givenGossipProfile: profile,
            snapshotEntries: entries ?? ClusterConfiguration.standardSnapshotEntries)
    }

    /// A name by the rule of nodes and clusters. `.` and `..` obey it and are refused all the same:
    /// names become names of directories.
    mutating func name(_ value: JSONValue?, at path: JSONPath, of what: String) -> String? {
        guard let value else {
            report("missing; it names \(what)", at: path)
            return nil
        }
        guard let text = string(value, at: path, example: "n1") else { return nil }
        guard NodeID.isName(text.utf8) else {
            report("\(quoted(text)) is no name; take 1 to 32 of A-Z a-z 0-9 . _ -", at: path)
            return nil
        }
        guard text != ".", text != ".." else {
            report("\(quoted(text)) can't name a directory; take another name", at: path)
            return nil
        }
        return text
    }

    private mutating func seeds(_ value: JSONValue, at path: JSONPath) -> [Address]? {
        guard let elements = array(value, at: path, example: "[\"127.0.0.1:7001\"]") else {
            return nil
        }
        if elements.isEmpty {
            report("the list is empty; without \"seeds\" all nodes of the file are tried", at: path)
        }
        var places: [Address: JSONPath] = [:]
        var seeds: [Address] = []
        for (position, element) in elements.enumerated() {
            guard let seed = dialledAddress(element, at: path[position]) else { continue }
            if let first = places[seed] {
                report("\(seed) is already \(first.text); keep one", at: path[position])
            } else {
                places[seed] = path[position]
                seeds.append(seed)
            }
        }
        return seeds
    }

    private mutating func gossipProfile(_ value: JSONValue, at path: JSONPath) -> GossipProfile? {
        let example = "{ \"profile\": \"lan\" }"
        guard let members = object(value, at: path, keys: ["profile"], example: example),
            let profile = members["profile"],
            let text = string(profile, at: path["profile"], example: "lan")
        else { return nil }
        guard let known = GossipProfile(rawValue: text) else {
            let all = GossipProfile.allCases.map(\.rawValue).joined(separator: ", ")
            report("\(quoted(text)) is no profile; take one of \(all)", at: path["profile"])
            return nil
        }
        return known
    }

    private mutating func snapshotEntries(_ value: JSONValue, at path: JSONPath) -> Int? {
        let example = "{ \"entries\": \(ClusterConfiguration.standardSnapshotEntries) }"
        return object(value, at: path, keys: ["entries"], example: example)?["entries"].flatMap {
            integer($0, at: path["entries"], in: ConfigurationLimits.snapshotEntries)
        }
    }
}
