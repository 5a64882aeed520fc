import Configuration
import Primitives

/// Whether a majority of the voters runs, and the lines that report it.
extension ClusterMonitor {
    /// The voters, divided by whether a process runs them.
    var majority: MajorityReport {
        let voters = nodes.filter(\.isVoter)
        return MajorityReport(voters: voters.map(\.id)) { id in
            voters.contains { $0.id == id && $0.isThere }
        }
    }

    /// The sentence about a majority that is lost; nil where there is one, or where nothing has changed
    /// since it was told.
    mutating func majorityChange() -> String? {
        // Nodes that are only about to be started are not missed.
        guard nodes.allSatisfy({ $0.state != nil }) else { return nil }
        let report = majority
        guard !report.isMajority else {
            lastMajorityReport = nil
            return nil
        }
        guard report != lastMajorityReport else { return nil }
        lastMajorityReport = report
        return report.sentence
    }

    /// Whether it has to be asked if the majority is back: one runs, and the leader has lived through its
    /// absence. It may have led on, and then it says nothing new.
    var mayBeBack: Bool { majorityLostAt != nil && majority.isMajority && livingLeader != nil }

    /// A majority is known to answer: the line about that, nil where its loss was not reported.
    mutating func majorityBack(at now: Instant) -> String? {
        guard let lostAt = majorityLostAt, majority.isMajority, let leader = livingLeader else {
            return nil
        }
        majorityLostAt = nil
        return
            "majority back; leader \(nodes[leader].id) after \(now.since(lostAt).wholeMilliseconds) ms"
    }
}
