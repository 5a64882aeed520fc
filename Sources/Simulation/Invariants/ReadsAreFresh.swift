import Raft

/// A linearizable read is never older than a write, or what another read saw, that was acknowledged
/// before it was asked (Raft §8, thesis §6.4).
struct ReadsAreFresh {
    /// A read saw the log through `index`; `floor` was acknowledged when it was asked.
    func check(_ number: Int, saw index: LogIndex, floor: LogIndex) -> String? {
        if index >= floor { return nil }
        return """
            Reads Are Fresh: read #\(number) saw \(index.number), though \(floor.number) was \
            acknowledged before it was asked
            """
    }
}
