import Configuration
import Primitives
import Raft

// Roles, terms and the quorum.

extension LogLine {
    static let pledged = LogLine(
        level: .info, event: .pledged,
        message: "all founding voters have met; this disk is pledged to the cluster")

    static let founded = LogLine(
        level: .info, event: .founded, message: "the cluster is founded")

    static func featureLevel(_ level: FeatureLevel) -> LogLine {
        LogLine(
            level: .info, event: .featureLevel,
            message:
                "all voters can do feature level \(level.number), and the cluster has it from here on",
            fields: [.number("featureLevel", Int64(level.number))])
    }

    /// Nil where it is over.
    static func statesDiffer(at index: LogIndex?) -> LogLine {
        guard let index else {
            return LogLine(
                level: .info, event: .statesAgree,
                message: "a majority of the voters has one state again; clients are served")
        }
        return LogLine(
            level: .error, event: .statesDiffer,
            message: """
                the voters' states differ at index \(index.number), and none of them has a majority: no client \
                is served
                """,
            fields: [.number("index", Int64(index.number))])
    }

    /// What the core says of itself.
    init(_ notice: Raft.Notice) {
        switch notice {
        case .electionStarted(let cause): self = .electionStarted(cause)
        case .campaigning(let term, nil):
            self = .change(
                .campaigning, "a majority would vote for this node: standing for election in",
                term)
        case .campaigning(let term, let leader?):
            self = .change(
                .campaigning, "\(leader) hands its leadership over: standing for election in", term,
                [.node("leader", leader)])
        case .elected(let term, let voters):
            self = .change(
                .elected, "elected in", term, [.nodes("voters", voters)],
                "by \(voters.map(\.description).joined(separator: ", "))")
        case .voted(let candidate, let term):
            self = .change(
                .voted, "voted for \(candidate) in", term, [.node("candidate", candidate)])
        case .following(let leader, let term):
            self = .change(.following, "following \(leader) in", term, [.node("leader", leader)])
        case .quorumLost(let span):
            self = .steppedDown(span)
        case .newerTerm(let term, let peer, let role):
            self = .newerTerm(term, at: peer, was: role)
        case .behind(let peer, let entries):
            self = LogLine(
                level: .info, event: .behind,
                message: "\(peer) is behind by \(entries) entries: catching up",
                fields: [.node("peer", peer), .number("entries", entries)], subject: "\(peer)",
                allowance: LogLine.change)
        case .caughtUp(let peer):
            self = LogLine(
                level: .info, event: .caughtUp, message: "\(peer) has caught up",
                fields: [.node("peer", peer)], subject: "\(peer)", allowance: LogLine.change)
        case .diskStalled(let span):
            self = LogLine(
                level: .error, event: .diskStalled,
                message: """
                    the disk has not finished a write for \(span.wholeMilliseconds) ms: this node does not \
                    lead, and stands for no election, until it does
                    """, fields: [.span("stalledMilliseconds", span)], allowance: LogLine.change)
        case .diskRecovered(let span):
            self = LogLine(
                level: .info, event: .diskRecovered,
                message: "the disk answers again, after \(span.wholeMilliseconds) ms",
                fields: [.span("stalledMilliseconds", span)], allowance: LogLine.change)
        case .lostEntries(let lost):
            self = LogLine(
                level: .error, event: .lostEntries,
                message: """
                    \(lost.peer)'s disk has lost entries: it had acknowledged all up to \
                    \(lost.acknowledged.number), and was started again with a log that ends at \
                    \(lost.held.number); it is refused, and does not count any more
                    """,
                fields: [
                    .node("peer", lost.peer),
                    .number("acknowledged", Int64(lost.acknowledged.number)),
                    .number("held", Int64(lost.held.number)),
                ], subject: "\(lost.peer)", allowance: LogLine.change)
        case .transferFailed(let peer):
            self = LogLine(
                level: .warning, event: .transferFailed,
                message: "\(peer) did not take the leadership over in time: leading on",
                fields: [.node("peer", peer)], subject: "\(peer)")
        }
    }

    private static func electionStarted(_ cause: Raft.Notice.ElectionCause) -> LogLine {
        let (why, reason, fields, allowance): (String, String, [LogField], Int) =
            switch cause {
            case .silence(let leader, let span):
                (
                    "no heartbeat from \(leader) for \(span.wholeMilliseconds) ms", "silence",
                    [.node("leader", leader), .span("silenceMilliseconds", span)], change
                )
            case .connectionLost(let leader):
                (
                    "the connection to \(leader) ended", "connection-lost",
                    [.node("leader", leader)], change
                )
            case .noLeader(let span):
                (
                    "no leader for \(span.wholeMilliseconds) ms", "no-leader",
                    [.span("silenceMilliseconds", span)], change
                )
            case .again(let span):
                (
                    "no majority of votes within \(span.wholeMilliseconds) ms", "again",
                    [.span("waitMilliseconds", span)], complaint
                )
            }
        return LogLine(
            level: .warning, event: .electionStarted,
            message: "\(why): asking for votes" + (reason == "again" ? " again" : ""),
            fields: [.text("reason", reason)] + fields, subject: reason, allowance: allowance)
    }

    private static func steppedDown(_ span: Timespan) -> LogLine {
        LogLine(
            level: .warning, event: .steppedDown,
            message: "stepping down: no majority heard for \(span.wholeMilliseconds) ms",
            fields: [.text("reason", "no-majority"), .span("silenceMilliseconds", span)],
            subject: "no-majority", allowance: change)
    }

    private static func newerTerm(_ term: Term, at peer: NodeID, was role: Role) -> LogLine {
        let fields: [LogField] = [.node("peer", peer), .number("term", term.number)]
        let news = "\(peer) is in term \(term.number)"
        switch role {
        case .leader:
            return LogLine(
                level: .warning, event: .steppedDown, message: "stepping down: \(news)",
                fields: [.text("reason", "newer-term")] + fields, subject: "\(peer)",
                allowance: change)
        case .candidate, .precandidate:
            return LogLine(
                level: .info, event: .newerTerm, message: "giving the election up: \(news)",
                fields: fields, subject: "\(peer)", allowance: change)
        case .follower:
            return LogLine(
                level: .debug, event: .newerTerm, message: news, fields: fields,
                subject: "\(peer)", allowance: change)
        }
    }

    /// Less than a majority of the voters answers.
    static func majorityLost(_ answering: [NodeID], of voters: [NodeID]) -> LogLine {
        let report = MajorityReport(voters: voters) { answering.contains($0) }
        return LogLine(
            level: .error, event: .majorityLost, message: report.sentence,
            fields: [
                .nodes("answering", report.answering), .nodes("silent", report.silent),
                .number("needed", report.needed),
            ], allowance: change)
    }

    static func majorityBack(_ leader: NodeID, after span: Timespan) -> LogLine {
        LogLine(
            level: .info, event: .majorityBack,
            message: "majority back; leader \(leader) after \(span.wholeMilliseconds) ms",
            fields: [.node("leader", leader), .span("afterMilliseconds", span)], allowance: change)
    }

    static func transferStarted(_ target: NodeID) -> LogLine {
        LogLine(
            level: .info, event: .transferStarted, message: "handing the leadership to \(target)",
            fields: [.node("peer", target)], subject: "\(target)", allowance: change)
    }

    /// What happens once in a term: `words term N ending`.
    private static func change(
        _ event: LogEvent, _ words: String, _ term: Term, _ fields: [LogField] = [],
        _ ending: String = ""
    ) -> LogLine {
        let message = "\(words) term \(term.number)" + (ending.isEmpty ? "" : " \(ending)")
        return LogLine(
            level: .info, event: event, message: message,
            fields: [.number("term", term.number)] + fields, allowance: change)
    }
}
