import Configuration

/// The fault lines of a file.
func faults(_ text: String) -> [String] {
    ConfigurationCheck(bytes: Array(text.utf8)).faults.map(\.description)
}

/// The warning lines of a file.
func warnings(_ text: String) -> [String] {
    ConfigurationCheck(bytes: Array(text.utf8)).warnings.map(\.description)
}

/// A file with these entries of nodes, and what else stands at its top level.
func file(_ nodes: String..., more: String = "") -> String {
    "{ \"cluster\": \"c\", \"nodes\": [\(nodes.joined(separator: ","))]\(more) }"
}

/// The entry of node K with ports of its own.
func node(_ number: Int, more: String = "") -> String {
    "{ \"id\": \"n\(number)\", \"http\": \"127.0.0.1:\(8000 + number)\", "
        + "\"raft\": \"127.0.0.1:\(9000 + number)\", "
        + "\"gossip\": \"127.0.0.1:\(7000 + number)\"\(more) }"
}

/// A good file of one node, with that at its top level.
func good(_ more: String) -> String { file(node(1), more: ", " + more) }
