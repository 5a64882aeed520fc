import Raft

/// Acknowledged implies committed: a client is answered only from entries that a majority holds
/// (Raft §5.3, "applied and the result returned"; §8 for reads).
struct AcknowledgedIsCommitted {
    /// An operation is acknowledged with what stands at `index`.
    func check(_ number: Int, at index: LogIndex, committed: CommittedLog) -> String? {
        if index <= committed.lastIndex { return nil }
        return """
            Acknowledged Is Committed: #\(number) is answered from \(index.number), and \
            \(committed.lastIndex.number) is committed
            """
    }
}
