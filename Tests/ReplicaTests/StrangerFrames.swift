import Founding
import Primitives
import Raft
import Wire

@testable import Replica

/// What somebody may say who does not belong to the cluster.
enum StrangerFrames {
    /// One frame of each kind, and each refusal; greetings are below.
    static let bare: [PeerMessage] = {
        let last = entry(1_000, term: 900)
        let batch = AppendEntries(
            term: Term(900), previous: .zero, commit: LogIndex(1), round: 1, entries: EntryBatch())
        let read = ReadID(nonce: 1, counter: 1)
        return Refusal.Reason.allCases.map {
            .refusal(Refusal(reason: $0, detail: "go away"))
        } + [
            .founding(.newborn), .founding(.pledged(Solo.record)), .founding(.founded(invented)),
            .ping(1), .pong(1),
            .raft(.preVoteRequest(PreVoteRequest(term: Term(900), last: last))),
            .raft(.preVoteReply(PreVoteReply(term: Term(900), askedIn: .zero, granted: true))),
            .raft(.voteRequest(VoteRequest(term: Term(901), last: last))),
            .raft(.voteReply(VoteReply(term: Term(900), granted: true))),
            .raft(.appendEntries(batch)),
            .raft(
                .appendReply(
                    AppendReply(term: Term(900), round: 1, outcome: .matched(LogIndex(1))))),
            .raft(.readIndexRequest(ReadIndexRequest(term: Term(900), id: read))),
            .raft(
                .readIndexReply(
                    ReadIndexReply(term: Term(900), id: read, index: LogIndex(1)))),
            .raft(.timeoutNow(TimeoutNow(term: Term(900), transfer: 1, last: last))),
        ]
    }()

    /// A record of this cluster that names other disks.
    static let invented = FoundingRecord(
        cluster: Box.cluster,
        members: (1...3).map { .init(node: name($0), disk: DiskID(UInt64($0) + 90)) })!

    /// A record of this cluster in which this node is somebody else's.
    static let foreign = FoundingRecord(
        cluster: Box.cluster,
        members: [1, 4, 5].map { .init(node: name($0), disk: DiskID(UInt64($0) + 90)) })!

    /// Introductions that no node of the cluster makes, whatever the state of `solo`.
    static func hellos(to solo: Solo) -> [Hello] {
        let others = [name(1), name(2), name(9)]
        return [
            solo.hello(of: 1), solo.hello(of: 2, cluster: "other"),
            solo.hello(of: 4, founding: .newborn),
            solo.hello(of: 2, founding: .newborn, voters: others),
            solo.hello(of: 2, disk: 92, founding: .pledged(invented)),
            solo.hello(of: 2, disk: 92, founding: .founded(invented)),
            solo.hello(of: 2, disk: 77, founding: .founded(invented)),
            solo.hello(of: 4, disk: 94, founding: .founded(foreign)),
        ]
    }
}

extension Refusal {
    init(reason: Reason, detail: StaticString) {
        self.init(reason: reason, detail: Array(detail.description.utf8))
    }
}
