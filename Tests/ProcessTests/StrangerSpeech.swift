import Founding
import Primitives
import Raft
import Wire

/// What somebody says at the raft port who is no node of the cluster.
enum StrangerSpeech {
    /// One frame of each kind, each refusal and each kind of introduction.
    static func messages(to cluster: [UInt8]) -> [PeerMessage] {
        let hellos = introductions(to: cluster)
        return refusals + [.ping(1), .pong(1), .founding(.newborn)]
            + hellos.compactMap { $0.founding.record }.map { .founding(.founded($0)) }
            + raft.map { .raft($0) } + hellos.map { .hello($0) } + hellos.map { .welcome($0) }
    }

    /// An introduction that every node of the cluster turns down.
    static func stranger(to cluster: [UInt8]) -> PeerMessage {
        .hello(introductions(to: cluster)[0])
    }

    static func frame(_ message: PeerMessage) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.append(message, to: &bytes)
        return bytes
    }

    private static let refusals: [PeerMessage] = Refusal.Reason.allCases.map {
        .refusal(Refusal(reason: $0, detail: Array("go away".utf8)))
    }

    private static let raft: [Message] = {
        let last = EntryID(index: LogIndex(1_000), term: Term(900))
        let read = ReadID(nonce: 1, counter: 1)
        return [
            .preVoteRequest(PreVoteRequest(term: Term(900), last: last)),
            .preVoteReply(PreVoteReply(term: Term(900), askedIn: .zero, granted: true)),
            .voteRequest(VoteRequest(term: Term(901), last: last)),
            .voteReply(VoteReply(term: Term(900), granted: true)),
            .appendEntries(
                AppendEntries(
                    term: Term(900), previous: .zero, commit: LogIndex(1), round: 1,
                    entries: EntryBatch())),
            .appendReply(AppendReply(term: Term(900), round: 1, outcome: .matched(LogIndex(1)))),
            .readIndexRequest(ReadIndexRequest(term: Term(900), id: read)),
            .readIndexReply(ReadIndexReply(term: Term(900), id: read, index: LogIndex(1))),
            .timeoutNow(TimeoutNow(term: Term(900), transfer: 1, last: last)),
        ]
    }()

    private static func introductions(to cluster: [UInt8]) -> [Hello] {
        let nodes = (1...3).compactMap { NodeID("n\($0)") }
        guard let stranger = NodeID("n9"),
            let invented = FoundingRecord(
                cluster: cluster,
                members: nodes.enumerated().map { .init(node: $1, disk: DiskID(UInt64($0) + 1)) })
        else { preconditionFailure("names that are none") }
        func hello(
            _ node: NodeID, _ founding: FoundingState, voters: [NodeID], cluster: [UInt8]
        ) -> Hello {
            Hello(
                cluster: cluster, node: node, disk: invented.disk(of: node) ?? DiskID(99),
                nonce: 7, founding: founding, voters: voters, http: Array("127.0.0.1:1".utf8),
                raft: Array("127.0.0.1:2".utf8))
        }
        let states: [FoundingState] = [.newborn, .pledged(invented), .founded(invented)]
        return [hello(stranger, .newborn, voters: nodes, cluster: cluster)]
            + (nodes + [stranger]).flatMap { node in
                states.map { hello(node, $0, voters: nodes, cluster: cluster) }
            }
            + [hello(nodes[0], .newborn, voters: nodes, cluster: Array("other".utf8))]
    }
}
