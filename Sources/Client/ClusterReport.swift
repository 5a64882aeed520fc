import Configuration
import Primitives

/// What the nodes' own words say of the cluster as a whole.
public struct ClusterReport: Sendable, Equatable {
    /// Those that said how they are.
    public let statuses: [NodeStatus]
    /// The voters, as the node with the highest commit tells them; the expected ones where none tells.
    public let voters: [NodeID]
    /// Which voters answer; nil where some of them may not have been asked.
    public let majority: MajorityReport?

    /// The summary of what was asked.
    ///
    /// - Parameters:
    ///   - reports: what came of asking, a report for each node.
    ///   - expected: the voters as a config file has them, empty without one.
    public init(_ reports: [NodeReport], expected: [NodeID]) {
        let answers = reports.compactMap { report -> NodeStatus? in
            if case .answered(let status, _) = report.result { status } else { nil }
        }
        statuses = answers
        let told = answers.filter { !$0.voters.isEmpty }.max { $0.commit < $1.commit }
        let voters = told.map { $0.voters.compactMap { NodeID($0) } } ?? expected
        self.voters = voters
        let isWhole =
            !voters.isEmpty
            && (reports.count >= voters.count || voters.allSatisfy(expected.contains))
        majority =
            isWhole
            ? MajorityReport(voters: voters) { voter in
                answers.contains { $0.node == voter.description }
            } : nil
    }

    /// Whether the cluster is not founded yet, as far as anybody says.
    public var isForming: Bool {
        !statuses.isEmpty && statuses.allSatisfy { $0.role == "newborn" }
    }

    /// The leader of the highest term among those that answer; nil where none of them leads.
    public var leader: NodeStatus? {
        statuses.filter { $0.role == "leader" }.max { $0.term < $1.term }
    }

    /// The sentence about a lost majority; nil where there is a majority, or that can't be told.
    public var lostMajority: String? {
        guard !isForming, let majority, !majority.isMajority else { return nil }
        return majority.sentence
    }
}
