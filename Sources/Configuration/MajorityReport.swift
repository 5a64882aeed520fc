import Primitives

/// Which voters answer, and whether they are a majority: the one sentence in which every command,
/// page and log line says that the majority is gone.
public struct MajorityReport: Hashable, Sendable {
    /// The voters that answer, in the order in which they were given.
    public let answering: [NodeID]
    /// The voters that do not.
    public let silent: [NodeID]

    /// The voters of a cluster, divided by whether they answer.
    public init(voters: [NodeID], answers: (NodeID) -> Bool) {
        answering = voters.filter(answers)
        silent = voters.filter { !answers($0) }
    }

    /// How many voters there are.
    public var count: Int { answering.count + silent.count }

    /// How many of them make a majority.
    public var needed: Int { count / 2 + 1 }

    /// Whether a majority answers.
    public var isMajority: Bool { answering.count >= needed }

    /// `no majority: 1 of 3 nodes answers (n2, n3 do not); 2 are needed`.
    public var sentence: String {
        let names = silent.map(\.description).joined(separator: ", ")
        return """
            no majority: \(answering.count) of \(count) nodes \
            \(answering.count == 1 ? "answers" : "answer") \
            (\(names) \(silent.count == 1 ? "does" : "do") not); \
            \(needed) \(needed == 1 ? "is" : "are") needed
            """
    }
}
