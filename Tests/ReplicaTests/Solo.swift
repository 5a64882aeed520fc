import Calculator
import Founding
import Primitives
import Raft
import Replica
import Wire

/// One node, n1, founded with n2 and n3, whose words the test speaks.
final class Solo {
    static let record = FoundingRecord(
        cluster: Box.cluster,
        members: (1...3).map { .init(node: name($0), disk: DiskID(UInt64($0))) })!

    let box: Box
    private(set) var now = Instant.origin + .milliseconds(10_000)
    private var lastLink: UInt64 = 0
    private(set) var links: [(peer: Int, link: LinkID)] = []
    private var said: [(link: LinkID, message: PeerMessage)] = []

    /// - Parameters:
    ///   - number: which of the three voters is real.
    ///   - entries: what its log holds.
    ///   - notedCommit: what the disk's mark says.
    init(
        _ number: Int = 1, term: UInt64 = 0, entries: [Entry] = [],
        notedCommit: UInt64 = 0, founding: FoundingState = .founded(Solo.record),
        snapshotLimits: SnapshotLimits = .standard, checkpoint: UInt64 = EngineLimits.checkpoint
    ) {
        let disk = TestDisk(
            of: name(number), id: DiskID(UInt64(number)), founding: founding,
            hardState: HardState(term: Term(term), vote: nil), entries: entries,
            notedCommit: LogIndex(notedCommit),
            // What `hello` says without more is remembered, so that Raft speaks at once.
            peerStarts: (1...3).filter { $0 != number }.map { peer in
                PeerStart(
                    node: name(peer), disk: DiskID(UInt64(peer)),
                    start: Start(number: 71, nonce: 70))
            })
        box = Box(
            disk: disk, nonce: 7, founders: Solo.record.voters, snapshotLimits: snapshotLimits,
            checkpoint: checkpoint, at: now)
    }

    // MARK: Connections

    func hello(
        of number: Int, disk: UInt64? = nil, nonce: UInt64 = 70,
        founding: FoundingState = .founded(Solo.record), voters: [NodeID] = Solo.record.voters,
        cluster: String = "stage", levels: ClosedRange<FeatureLevel>? = nil,
        logEnd: LogEnd? = nil
    ) -> Hello {
        Hello(
            cluster: Array(cluster.utf8), node: name(number), disk: DiskID(disk ?? UInt64(number)),
            nonce: nonce, earlierStarts: StartHistory(count: nonce, nonces: [])!,
            founding: founding, voters: voters,
            http: Array("n\(number):80".utf8), raft: Array("n\(number):90".utf8), levels: levels,
            logEnd: logEnd)
    }

    /// Opens a connection; `dialed` is whom the node has called.
    func open(dialed: Int? = nil, isHearsay: Bool = false) -> LinkID {
        lastLink += 1
        let link = LinkID(lastLink)
        turn(.linkOpened(link, dialed: dialed.map(name), isHearsay: isHearsay))
        return link
    }

    /// The node has called the peer, or was called by it, and the peer says who it is.
    @discardableResult
    func connect(_ peer: Int, _ hello: Hello? = nil) -> LinkID {
        let isDialed = name(peer) > box.node
        let link = open(dialed: isDialed ? peer : nil)
        let hello = hello ?? self.hello(of: peer)
        links.append((peer, link))
        hear(isDialed ? .welcome(hello) : .hello(hello), on: link)
        return link
    }

    func disconnect(_ peer: Int) {
        guard let position = links.lastIndex(where: { $0.peer == peer }) else { return }
        turn(.linkClosed(links.remove(at: position).link))
    }

    // MARK: Turns

    func turn(_ events: Replica.Event...) {
        box.turn(events, at: now)
        said += box.outbox.map { ($0.link, throughBytes($0.message)) }
        box.outbox = []
    }

    func hear(_ message: PeerMessage, on link: LinkID) {
        turn(.received(throughBytes(message), on: link))
    }

    /// The peer says something.
    func hear(_ message: Message, from peer: Int) {
        guard let link = links.last(where: { $0.peer == peer })?.link else { return }
        hear(.raft(message), on: link)
    }

    func persist() {
        while box.write != nil {
            box.persist(at: now)
            said += box.outbox.map { ($0.link, throughBytes($0.message)) }
            box.outbox = []
        }
    }

    /// Time passes; the node is woken when it asked to be.
    func pass(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while box.deadline <= end, box.end == nil {
            now = max(now, box.deadline)
            turn(.deadlineReached)
        }
        now = end
    }

    /// Snapshots reach the disk, and the node hears of it.
    func saveSnapshots() {
        box.saveSnapshots(at: now)
        said += box.outbox.map { ($0.link, throughBytes($0.message)) }
        box.outbox = []
    }

    @discardableResult
    func ask(_ requests: CalculatorRequest...) -> [RequestID] { ask(requests, after: []) }

    /// Clients ask in the turn in which the events have happened.
    @discardableResult
    func ask(_ requests: [CalculatorRequest], after events: [Replica.Event]) -> [RequestID] {
        let ids = box.ask(requests, after: events, at: now)
        said += box.outbox.map { ($0.link, throughBytes($0.message)) }
        box.outbox = []
        return ids
    }

    /// What the node has said since it was asked last, on that connection.
    func said(on link: LinkID) -> [PeerMessage] {
        let messages = said.filter { $0.link == link }.map(\.message)
        said.removeAll { $0.link == link }
        return messages
    }

    /// What the node's core has said to the peer since it was asked last.
    func said(to peer: Int) -> [Message] {
        guard let link = links.last(where: { $0.peer == peer })?.link else { return [] }
        return said(on: link).compactMap {
            if case .raft(let message) = $0 { message } else { nil }
        }
    }

    // MARK: Parts

    var status: Replica.Status { box.status(at: now) }

    /// Makes the node the leader of the next term by the word of a peer. Returns the term.
    func elect(by peer: Int = 2) -> Term {
        let term = status.term
        _ = said(to: peer)
        while !box.isRole("precandidate", at: now) { pass(milliseconds: 1) }
        let welcome = PreVoteReply(term: term, askedIn: term, granted: true)
        hear(.preVoteReply(welcome), from: peer)
        persist()
        hear(.voteReply(VoteReply(term: term.next, granted: true)), from: peer)
        persist()
        return term.next
    }

    /// The peer's disk holds the leader's log up to `index`.
    func acknowledge(_ index: UInt64, from peer: Int = 2, round: UInt64 = 0) {
        let reply = AppendReply(
            term: status.term, round: round, outcome: .matched(LogIndex(index)))
        hear(.appendReply(reply), from: peer)
    }

    /// The peer leads in `term` and sends entries, which reach the disk.
    func follow(
        _ peer: Int, term: UInt64, after previous: EntryID = .zero, entries: [Entry] = [],
        commit: UInt64 = 0
    ) {
        hearAppend(from: peer, term: term, after: previous, entries: entries, commit: commit)
        persist()
    }

    /// The peer leads in `term` and sends entries; the disk takes its time.
    func hearAppend(
        from peer: Int, term: UInt64, after previous: EntryID = .zero, entries: [Entry] = [],
        commit: UInt64 = 0
    ) {
        var batch = EntryBatch()
        for entry in entries {
            batch.append(
                term: entry.term, kind: entry.kind, payload: entry.payload.indices,
                of: entry.payload)
        }
        let append = AppendEntries(
            term: Term(term), previous: previous, commit: LogIndex(commit), round: 0,
            entries: batch)
        hear(.appendEntries(append), from: peer)
    }
}

func entry(_ index: UInt64, term: UInt64) -> EntryID {
    EntryID(index: LogIndex(index), term: Term(term))
}

/// The entry with which a leader begins its term.
func noOperation(term: UInt64) -> Entry {
    Entry(term: Term(term), kind: .noOperation, payload: [])
}

func command(_ command: Calculator.Command, term: UInt64) -> Entry {
    var payload: [UInt8] = []
    command.append(to: &payload)
    return Entry(term: Term(term), kind: .command, payload: payload)
}
