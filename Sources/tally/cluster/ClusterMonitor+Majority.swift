import Configuration
import Primitives

/// Whether a majority of the voters runs, and what is told of it.
extension ClusterStory {
    /// The voters, divided by whether a process runs them.
    var majority: MajorityReport {
        let voters = parts.filter(\.isVoter)
        return MajorityReport(voters: voters.map(\.id)) { id in
            voters.contains { $0.id == id && $0.isThere }
        }
    }

    /// The sentence about a majority that is lost; nil where there is one, or where nothing has changed
    /// since it was told.
    mutating func majorityNews() -> String? {
        // Nodes that are only about to be started are not missed.
        guard parts.allSatisfy({ $0.state != nil }) else { return nil }
        let report = majority
        guard !report.isMajority else {
            toldMajority = nil
            return nil
        }
        guard report != toldMajority else { return nil }
        toldMajority = report
        return report.sentence
    }

    /// Whether it has to be asked if the majority is back: one runs, and the leader has lived through its
    /// absence. It may have led on, and then it says nothing new.
    var mayBeBack: Bool { majorityLostAt != nil && majority.isMajority && livingLeader != nil }

    /// A majority is known to answer: the line about that, nil where nobody has missed it.
    mutating func majorityBack(at now: Instant) -> String? {
        guard let lostAt = majorityLostAt, majority.isMajority, let leader = livingLeader else {
            return nil
        }
        majorityLostAt = nil
        return
            "majority back; leader \(parts[leader].id) after \(now.since(lostAt).wholeMilliseconds) ms"
    }
}
