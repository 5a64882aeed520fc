/// How far a leader has come with sending a snapshot to a follower: one piece at a time.
///
/// ```
///            received: go on there              received, by a later round: lost, go on there
///   asking ───────────────────────▶ ready ◀───────────────────────────────┐
///      ▲                              │  send a piece                      │
///      │ connection back              ▼                                    │
///      └───────────────────────── under way ───────────────────────────────┘
/// ```
struct SnapshotSending {
    private enum Phase {
        /// How much the follower has is not known.
        case asking
        /// The next piece can go.
        case ready
        /// A piece that ends there has been sent and not answered.
        case underWay(end: Int)
    }

    /// What is sent; a newer one takes its place only where nothing of it has arrived.
    let snapshot: Snapshot
    /// How many bytes the follower has.
    private(set) var received = 0
    private var phase = Phase.asking
    /// The read round of the newest piece.
    private var pieceRound: UInt64 = 0

    /// Sending that snapshot, which begins with a question: the follower may hold all of it.
    init(of snapshot: Snapshot) { self.snapshot = snapshot }

    /// The bytes that can be sent now, at most `limit`; nil while an answer is waited for, and where all
    /// have arrived.
    func nextPiece(limit: Int) -> Range<Int>? {
        guard case .ready = phase, received < snapshot.bytes.count else { return nil }
        return received..<min(received + limit, snapshot.bytes.count)
    }

    /// A piece has been sent that ends at `end`, in that round.
    mutating func sent(through end: Int, round: UInt64) {
        phase = .underWay(end: end)
        pieceRound = round
    }

    /// The follower said in `round` that it has `count` bytes. Returns false where that is old news.
    ///
    /// Answers come in the order of what they answer, unless messages overtake each other. So one to a
    /// later round than the piece's says what has become of the piece; an earlier one that does not
    /// have the piece may have been sent before it arrived.
    mutating func answered(_ count: Int, round: UInt64) -> Bool {
        switch phase {
        case .asking: break
        case .underWay(let end) where count >= end: break
        case .ready where count == received: break
        default: guard round > pieceRound else { return false }
        }
        received = count
        phase = .ready
        return true
    }

    /// The connection has come up anew: what was under way may be lost, and the follower may have
    /// started over.
    mutating func restart() { phase = .asking }
}
