import Calculator
import Founding
import Gossip
import Node
import Primitives
import Raft
import Replica
import Wire

/// Something that happened in a run, as the story of a seed tells it.
enum StoryEvent {
    case started(Int, life: Int, wiped: Bool)
    case died(Int, how: String)
    case paused(Int, Timespan)
    case woke(Int)
    case ended(Int, String)
    case sent(from: Int, to: Int, PeerMessage)
    case lost(from: Int, to: Int)
    case calls(Int, String)
    case opened(from: Int, to: Int)
    case closed(Int, towards: Int)
    case wrote(Int, BatchReading)
    case synced(Int)
    case snapshot(Int, EntryID, isSent: Bool, Int)
    case notice(Int, Node.Notice)
    case asked(Int, operation: Int, ClientRequest)
    case answered(Int, operation: Int, ClientAnswer)
    case fault(String)
}

extension StoryEvent: CustomStringConvertible {
    var description: String {
        switch self {
        case .started(let node, let life, let wiped):
            "n\(node + 1) starts, life \(life)" + (wiped ? ", on an empty disk" : "")
        case .died(let node, let how): "n\(node + 1) dies: \(how)"
        case .paused(let node, let span): "n\(node + 1) stops for \(span.wholeMilliseconds) ms"
        case .woke(let node): "n\(node + 1) wakes"
        case .ended(let node, let why): "n\(node + 1) ends: \(why)"
        case .sent(let sender, let receiver, let message):
            "n\(sender + 1) -> n\(receiver + 1): \(message.story)"
        case .lost(let sender, let receiver): "n\(sender + 1) -> n\(receiver + 1): lost"
        case .calls(let caller, let address): "n\(caller + 1) calls \(address)"
        case .opened(let caller, let called): "n\(caller + 1) reaches n\(called + 1)"
        case .closed(let node, let peer): "n\(node + 1) loses its connection to n\(peer + 1)"
        case .wrote(let node, let batch): "n\(node + 1) writes\(batch.story)"
        case .synced(let node): "n\(node + 1) has synced"
        case .snapshot(let node, let last, let isSent, let bytes):
            "n\(node + 1) saves \(isSent ? "its leader's" : "its") snapshot through \(last.story), "
                + "\(bytes) bytes"
        case .notice(let node, let notice): "n\(node + 1): \(notice.story)"
        case .asked(let node, let operation, let request):
            "n\(node + 1) is asked #\(operation): \(request.story)"
        case .answered(let node, let operation, let answer):
            "n\(node + 1) answers #\(operation): \(answer.story)"
        case .fault(let text): "fault: \(text)"
        }
    }
}

extension EntryID {
    fileprivate var story: String { "\(index.number)@\(term.number)" }
}

extension BatchReading {
    fileprivate var story: String {
        var story = ""
        if let hardState {
            story += " term \(hardState.term.number) vote \(hardState.vote?.description ?? "-")"
        }
        if let base { story += " base \(base.story)" }
        if let first = entries.first, let last = entries.last {
            story += " entries \(first.index.number)...\(last.index.number)"
        }
        if let founding { story += " " + founding.story }
        if !peerStarts.isEmpty { story += " \(peerStarts.count) starts" }
        return story
    }
}

extension FoundingState {
    fileprivate var story: String {
        switch self {
        case .newborn: "newborn"
        case .pledged: "pledged"
        case .founded: "founded"
        }
    }
}

extension PeerMessage {
    var story: String {
        switch self {
        case .hello(let hello): "hello, \(hello.founding.story)"
        case .welcome(let hello): "welcome, \(hello.founding.story)"
        case .refusal(let refusal):
            "refusal, \(refusal.reason): \(String(decoding: refusal.detail, as: UTF8.self))"
        case .founding(let state): state.story
        case .ping(let number): "ping \(number)"
        case .pong(let number): "pong \(number)"
        case .stateHash(let hash): "my state's hash at \(hash.index.number) is \(hash.hash)"
        case .raft(let message): "t\(message.term.number) \(message.story)"
        }
    }
}

extension Message {
    fileprivate var story: String {
        switch self {
        case .preVoteRequest(let request): "would you vote for me? my last is \(request.last.story)"
        case .preVoteReply(let reply):
            "I would\(reply.granted ? "" : " not") (asked in t\(reply.askedIn.number))"
        case .voteRequest(let request): "vote for me, my last is \(request.last.story)"
        case .voteReply(let reply): reply.granted ? "you have my vote" : "no vote for you"
        case .appendEntries(let append):
            "append \(append.entries.count) after \(append.previous.story), commit "
                + "\(append.commit.number), round \(append.round)"
                + (append.voidTransfers > 0 ? ", transfer \(append.voidTransfers) is void" : "")
        case .appendReply(let reply):
            switch reply.outcome {
            case .matched(let index):
                "matched \(index.number), round \(reply.round)"
                    + (reply.isDiskFull ? ", disk full" : "")
            case .conflict(let rejected, let hint):
                "conflict at \(rejected.number), try \(hint.story), round \(reply.round)"
            }
        case .readIndexRequest(let request): "read index? \(request.id.counter)"
        case .readIndexReply(let reply): "read \(reply.id.counter) at \(reply.index.number)"
        case .timeoutNow(let order): "lead in my place, transfer \(order.transfer)"
        case .installSnapshot(let piece):
            "snapshot through \(piece.last.index.number), \(piece.bytes.count) bytes at "
                + "\(piece.offset) of \(piece.total)"
        case .snapshotReply(let reply):
            "have \(reply.received) bytes of the snapshot through \(reply.last.index.number)"
        }
    }
}

extension Node.Notice {
    fileprivate var story: String {
        switch self {
        case .replica(let notice): notice.story
        case .gossip(let notice): "gossip: \(notice)"
        case .badBytes(let link, let reason): "connection \(link.number): \(reason)"
        case .lookUpFailed(let peer, let address, let reason, _):
            "\(peer) is not found at \(address): \(reason)"
        case .gossipAlone(let isAlone): isAlone ? "hears no gossip" : "hears gossip again"
        case .gossipDropped(let counters, _): "has dropped \(counters.suspicious) messages"
        case .slowWrite(let span, _): "the disk took \(span.wholeMilliseconds) ms"
        case .stoppedWithoutDisk: "stops without its disk"
        }
    }
}

extension Replica.Notice {
    fileprivate var story: String {
        switch self {
        case .leader(let leader, let term):
            "\(leader?.description ?? "nobody") leads term \(term.number)"
        case .raft(let notice): "\(notice)"
        case .majorityLost(let answering): "no majority: \(answering.count) answer"
        case .majorityBack(let leader, let span):
            "majority back, leader \(leader), after \(span.wholeMilliseconds) ms"
        case .transferStarted(let target): "hands its leadership to \(target)"
        case .linked(let peer): "linked with \(peer)"
        case .unlinked(let peer): "unlinked from \(peer)"
        case .rejected(let claimed, let refusal, _): "refuses \(claimed): \(refusal.reason)"
        case .contradicted(let claimed): "is contradicted by \(claimed), which called"
        case .refused(let peer, let refusal, _):
            "is refused by \(peer?.description ?? "a peer"): \(refusal.reason)"
        case .badEntries(let peer): "\(peer) sent entries that are no commands"
        case .diskFull(let isFull): isFull ? "disk full" : "disk has room"
        case .pledged: "pledged"
        case .founded: "founded"
        case .featureLevel(let level): "feature level \(level.number)"
        case .statesDiffer(let index):
            index.map { "the states differ at \($0.number)" } ?? "the states differ no more"
        }
    }
}

extension ClientRequest {
    fileprivate var story: String {
        switch self {
        case .write(let command): command.story
        case .guarded(let command, let writeGuard): command.story + writeGuard.story
        case .read: "get"
        case .staleRead: "get, stale"
        case .transfer(let target): "let \(target?.description ?? "another node") lead"
        }
    }
}

extension Calculator.Command {
    fileprivate var story: String {
        switch self {
        case .set(let value): "set \(value)"
        case .add(let value): "add \(value)"
        }
    }
}

extension WriteGuard {
    fileprivate var story: String {
        var story = ""
        if !key.isEmpty { story += ", key \(String(decoding: key.prefix(16), as: UTF8.self))" }
        if let firstIndex { story += ", first index \(firstIndex)" }
        if let condition { story += ", if the last change is one of \(condition)" }
        return story
    }
}

extension ClientAnswer.Receipt {
    fileprivate var story: String {
        "\(value) at \(entry.story)" + (isReplay ? ", again at \(place.number)" : "")
    }
}

extension ClientAnswer {
    fileprivate var story: String {
        switch self {
        case .value(let receipt): receipt.story
        case .overflow(let receipt): "overflow, \(receipt.story)"
        case .conditionFailed(let receipt): "the condition fails, \(receipt.story)"
        case .keyReused(let place): "the key stands for another write, at \(place.number)"
        case .keyExpired(let place): "the key may be forgotten, at \(place.number)"
        case .other(let answer): answer.story
        }
    }
}

extension Replica.Answer {
    fileprivate var story: String {
        switch self {
        case .committed(let entry): "committed at \(entry.story)"
        case .readable(let index): "readable through \(index.number)"
        case .redirect(let leader, _): "go to \(leader)"
        case .unavailable(let reason): "\(reason)"
        case .unknownOutcome: "unknown"
        case .leads(let node, let term): "\(node) leads t\(term.number)"
        case .notAVoter: "no voter"
        case .transferFailed: "leadership did not move"
        }
    }
}
