import Primitives
import Raft

// Roles, terms and the quorum.

extension LogLine {
    static let pledged = LogLine(
        level: .info, event: .pledged,
        message: "all founding voters have met; this disk is pledged to the cluster")

    static let founded = LogLine(
        level: .info, event: .founded, message: "the cluster is founded")

    static func leads(_ leader: NodeID, _ term: Term) -> LogLine {
        LogLine(
            level: .info, event: .following, message: "\(leader) leads term \(term.number)",
            fields: [.node("leader", leader), .number("term", term.number)],
            subject: "\(leader)", allowance: change)
    }
}
