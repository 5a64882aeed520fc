/// A log is cut behind the snapshots that stand for its beginning (Raft §7).
extension Raft {
    /// An own snapshot is on disk. Followers that lack only few entries shall get these and no
    /// snapshot, so some are kept.
    mutating func saved(_ snapshot: Snapshot) {
        precondition(
            snapshot.last.index <= commit && log.contains(snapshot.last) && !snapshot.bytes.isEmpty,
            "a snapshot that ends with \(snapshot.last), committed is \(commit)")
        // One from the leader may have come meanwhile and hold more.
        guard snapshot.last.index > (self.snapshot?.last.index ?? .zero) else { return }
        self.snapshot = snapshot
        let firstKept = log.start(
            ofTrail: limits.trailingEntries, bytes: limits.trailingBytes,
            through: snapshot.last.index)
        compactable = firstKept.previous
        compact()
    }

    /// Cuts the log as far as it may be. A leader's commit index can be ahead of its own disk: an entry
    /// that is not there yet is still to be written.
    mutating func compact() {
        let index = min(compactable, durableThrough)
        if index > log.base.index { log.compact(through: index) }
    }
}
