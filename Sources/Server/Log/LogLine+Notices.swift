import Node
import Primitives
import Replica

// The lines for what a node notes.

extension LogLine {
    /// The line for a notice; nil where it needs none, or more than it says to be written.
    init?(_ notice: Node.Notice, voters: [NodeID]) {
        switch notice {
        case .replica(let notice): self.init(notice, voters: voters)
        case .gossip(let notice): self = LogLine(notice)
        case .gossipAlone(let isAlone): self = .gossipAlone(isAlone)
        case .gossipDropped(let counters, let then): self = .gossipDropped(counters, since: then)
        case .slowWrite(let span, let limit): self = .slowSync(span, limit: limit)
        case .stoppedWithoutDisk: self = .stoppedWithoutDisk
        case .badBytes, .lookUpFailed: return nil
        }
    }

    private init?(_ notice: Replica.Notice, voters: [NodeID]) {
        switch notice {
        case .leader: return nil
        case .raft(let notice): self = LogLine(notice)
        case .majorityLost(let answering): self = .majorityLost(answering, of: voters)
        case .majorityBack(let leader, let span): self = .majorityBack(leader, after: span)
        case .transferStarted(let target): self = .transferStarted(target)
        case .linked(let node): self = .linked(node)
        case .unlinked(let node): self = .linkLost(node)
        case .rejected(let claimed, let refusal, let dialed):
            self = .rejected(claimed, refusal, dialed: dialed)
        case .contradicted(let claimed): self = .contradicted(by: claimed)
        case .refused(let peer, let refusal, let dialed):
            self = .refused(by: peer, refusal, dialed: dialed)
        case .badEntries(let peer): self = .badEntries(from: peer)
        case .diskFull(let isFull): self = .diskFull(isFull)
        case .pledged: self = .pledged
        case .founded: self = .founded
        case .featureLevel(let level): self = .featureLevel(level)
        case .statesDiffer(let index): self = .statesDiffer(at: index)
        }
    }
}
