import Primitives

@testable import Raft

/// How the transcripts spell messages and servers.

extension EntryID {
    var told: String { "\(index.number)/\(term.number)" }
}

extension Packet {
    func told(isLost: Bool) -> String {
        "\(from) → \(to) \(isLost ? "LOST " : "")[term \(message.term.number)] \(message.told)"
    }
}

extension Message {
    var told: String {
        switch self {
        case .preVoteRequest(let request):
            "would you elect me? my log ends with \(request.last.told)"
        case .preVoteReply(let reply): reply.granted ? "I would" : "I would not"
        case .voteRequest(let request): "vote for me, my log ends with \(request.last.told)"
        case .voteReply(let reply): reply.granted ? "you have my vote" : "you don't have my vote"
        case .appendEntries(let append): append.told
        case .appendReply(let reply): reply.told
        case .readIndexRequest(let request): "read \(request.id.counter): which index?"
        case .readIndexReply(let reply): "read \(reply.id.counter): index \(reply.index.number)"
        case .timeoutNow(let order): "lead in my place, your log ends with \(order.last.told)"
        case .installSnapshot(let piece): piece.told
        case .snapshotReply(let reply):
            "I have \(reply.received) bytes of the snapshot at \(reply.last.told)"
                + (reply.round > 0 ? ", round \(reply.round)" : "")
        }
    }
}

extension AppendEntries {
    fileprivate var told: String {
        let what = entries.isEmpty ? "nothing new" : "append \(entries.text)"
        let asked = round > 0 ? ", round \(round)" : ""
        return "after \(previous.told) \(what), committed \(commit.number)\(asked)"
    }
}

extension InstallSnapshot {
    fileprivate var told: String {
        let asked = round > 0 ? ", round \(round)" : ""
        let name = "the snapshot at \(last.told)"
        if bytes.isEmpty { return "how much do you have of \(name)?\(asked)" }
        return "bytes \(offset)..<\(Int(offset) + bytes.count) of \(total) of \(name)\(asked)"
    }
}

extension AppendReply {
    fileprivate var told: String {
        let asked = round > 0 ? ", round \(round)" : ""
        return switch outcome {
        case .matched(let index): "we agree up to \(index.number)\(asked)"
        case .conflict(let rejected, let hint):
            "not after \(rejected.number), perhaps after \(hint.told)\(asked)"
        }
    }
}

extension Player {
    /// The server's state in one line.
    var told: String {
        guard isUp else { return "down" }
        let part =
            switch raft.role {
            case .follower: raft.leader.map { "follower of \($0)" } ?? "follower of nobody"
            case .precandidate: "pre-candidate"
            case .candidate: "candidate"
            case .leader: "leader"
            }
        let vote = raft.vote.map { ", voted for \($0)" } ?? ""
        let base = raft.log.base == .zero ? "" : " behind \(raft.log.base.told)"
        return "\(part) in term \(raft.term.number)\(vote), log\(base) [\(log)], "
            + "committed \(raft.commit.number)"
    }
}
