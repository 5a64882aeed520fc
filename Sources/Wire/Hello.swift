import Founding
import Primitives
import Raft

/// Who a node is, as it introduces itself on every new connection: its identity, how far the
/// cluster's founding has come on its disk, and where others reach it.
public struct Hello: Hashable, Sendable {
    /// The cluster's name, 1 to 32 bytes that obey `NodeID.isName`.
    public var cluster: [UInt8]
    /// The sender.
    public var node: NodeID
    /// The sender's disk.
    public var disk: DiskID
    /// A random number of the process: it tells two processes with one id and disk apart.
    public var nonce: UInt64
    /// The starts of the sender's disk before that process.
    public var earlierStarts: StartHistory
    /// How far the sender's disk has come.
    public var founding: FoundingState
    /// The founding voters in the sender's config file: one to nine, sorted, none twice.
    public var voters: [NodeID]
    /// Where the sender's clients are told to go, `HOST:PORT`: 1 to 255 bytes of visible ASCII.
    public var http: [UInt8]
    /// Where peers are told to dial, likewise.
    public var raft: [UInt8]
    /// The feature levels that the sender's program can do, from 1 on. Nil is said in version 2, to a
    /// program that knows none, or by one.
    public var levels: ClosedRange<FeatureLevel>?
    /// The digest of the backup that the sender's disk was restored from, never zero; nil for none. Said
    /// with the levels alone.
    public var origin: UInt64?
    /// Where the sender's log ends as it says this; nil where its program does not tell. It goes with the
    /// levels: where they are nil it is not said.
    public var logEnd: LogEnd?

    /// The introduction with those parts, which must obey the rules above to be sent.
    public init(
        cluster: [UInt8], node: NodeID, disk: DiskID, nonce: UInt64,
        earlierStarts: StartHistory = StartHistory(), founding: FoundingState,
        voters: [NodeID], http: [UInt8], raft: [UInt8], levels: ClosedRange<FeatureLevel>? = nil,
        origin: UInt64? = nil, logEnd: LogEnd? = nil
    ) {
        self.cluster = cluster
        self.node = node
        self.disk = disk
        self.nonce = nonce
        self.earlierStarts = earlierStarts
        self.founding = founding
        self.voters = voters
        self.http = http
        self.raft = raft
        self.levels = levels
        self.origin = origin
        self.logEnd = logEnd
    }

    /// What stands before the origin, where there is one.
    static let originTag: UInt8 = 1
    /// What stands before the end of the log, where it is told.
    static let logEndTag: UInt8 = 2

    /// Whether each part obeys its rule; the encoder demands it and the decoder refuses the rest.
    var isWellFormed: Bool {
        NodeID.isName(cluster) && earlierStarts.count < Limits.number
            && (1...FoundingRecord.maximumMembers).contains(voters.count)
            && zip(voters, voters.dropFirst()).allSatisfy { $0 < $1 }
            && Hello.isAddress(http) && Hello.isAddress(raft)
            && levels.map { $0.lowerBound >= .initial } ?? (origin == nil) && origin != 0
    }

    /// The start that the process is, and the history of its disk with it.
    public var start: Start { earlierStarts.next(nonce: nonce) }

    /// Whether the sender's disk has certainly not had that start.
    public func excludes(_ known: Start) -> Bool {
        var starts = earlierStarts
        starts.append(start)
        return starts.excludes(known)
    }

    /// Visible ASCII alone: the address may be printed into a header, and nothing in it may end
    /// a line there (RFC 9110 §5.5).
    private static func isAddress(_ bytes: [UInt8]) -> Bool {
        (1...Limits.address).contains(bytes.count)
            && bytes.allSatisfy { (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) }
    }
}
