import Primitives
import Replica

extension Node {
    /// What can happen to a node, beside bytes and clients; the host notes it between two turns.
    public enum Event: Sendable {
        /// A connection that this node asked for stands.
        case connected(LinkID)
        /// A connection has ended, or one that this node asked for has not come about.
        case ended(LinkID)
        /// A name was looked up, or could not be.
        case lookedUp(ticket: UInt64, LookUpResult)
        /// The disk has done what it was asked for.
        case diskDone(DiskCompletion)
        /// A datagram has come to the gossip's port.
        case datagram([UInt8], from: Address)
        /// The node is to end in good order.
        case stopRequested
    }

    /// What came of looking a name up.
    public enum LookUpResult: Sendable {
        /// These numbers, the preferred one first.
        case found([Address])
        /// Nothing, and why, for people.
        case failed(String)
    }

    /// What has been noted since the last turn, by its place in the turn.
    struct Inbox {
        /// Connections that have ended.
        var ended: [LinkID] = []
        /// This node's calls that stand now, and callers that were accepted.
        var connected: [LinkID] = []
        var callers: [LinkID] = []
        var completion: DiskCompletion?
        var lookUps: [(ticket: UInt64, result: LookUpResult)] = []
        var datagrams: [(bytes: [UInt8], source: Address)] = []
        var isStopRequested = false

        var isEmpty: Bool {
            ended.isEmpty && connected.isEmpty && callers.isEmpty && completion == nil
                && lookUps.isEmpty
                && datagrams.isEmpty && !isStopRequested
        }
    }

    /// Notes what has happened, for the next turn.
    public mutating func note(_ event: consuming Event) {
        switch consume event {
        case .connected(let link): inbox.connected.append(link)
        case .ended(let link): inbox.ended.append(link)
        case .lookedUp(let ticket, let result): inbox.lookUps.append((ticket, result))
        case .diskDone(let completion):
            precondition(inbox.completion == nil, "two completions for one request")
            inbox.completion = completion
        case .datagram(let bytes, let source): inbox.datagrams.append((bytes, source))
        case .stopRequested: inbox.isStopRequested = true
        }
    }
}
