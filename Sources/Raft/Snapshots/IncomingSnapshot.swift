/// What has come of a snapshot that the leader sends.
struct IncomingSnapshot {
    /// The last entry that the snapshot holds.
    let last: EntryID
    /// How many bytes the whole has.
    let total: UInt64
    /// Those that have come without a gap.
    private(set) var bytes: [UInt8] = []

    /// A snapshot of which nothing has come.
    init(last: EntryID, total: UInt64) {
        self.last = last
        self.total = total
    }

    /// Whether all of it is there.
    var isWhole: Bool { UInt64(bytes.count) == total }

    /// Takes what a piece adds; one that came before, or that leaves a gap, adds nothing.
    mutating func take(_ piece: InstallSnapshot) {
        let start = UInt64(bytes.count)
        guard piece.offset <= start, start - piece.offset < UInt64(piece.bytes.count) else {
            return
        }
        // Room for all of it at once: an array that grows by doubling is copied over and over.
        if bytes.isEmpty { bytes.reserveCapacity(Int(total)) }
        bytes.append(contentsOf: piece.bytes[Int(start - piece.offset)...])
    }
}
