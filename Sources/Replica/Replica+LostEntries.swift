import Founding
import Primitives
import Raft
import Wire

/// A voter whose disk has lost what it acknowledged to this node, the leader: it is refused, so that nothing
/// that it says counts, and ends when it hears so on a call of its own, as anybody else who is refused.
extension Replica {
    /// Refuses the process that introduces itself, where its disk was found to have lost entries. Returns
    /// whether it is refused.
    ///
    /// Asked once no other process of that node is connected: what that one has acknowledged is known
    /// then, and that it is over.
    mutating func refuseLostEntries(
        _ hello: Hello, on link: LinkID, at now: Instant, into effects: inout Effects
    ) -> Bool {
        let start = hello.start.number
        guard let lost = raft.lostEntries(of: hello.node, start: start, end: hello.logEnd) else {
            return false
        }
        stepRaft(.entriesLost(lost, start: start), at: now, into: &effects)
        let refusal = Refusal(
            // A program without levels, or one that calls as such a program would, knows no such reason.
            reason: hello.levels == nil ? .version : .lostAcknowledgement,
            detail: """
                \(lost.peer) on disk \(hello.disk) had acknowledged all entries up to \
                \(lost.acknowledged.number) to the leader of term \(raft.term.number), and was started \
                again with a log that ends at \(lost.held.number)
                """)
        reject(hello, refusal, on: link, at: now, into: &effects)
        return true
    }
}
