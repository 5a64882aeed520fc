import Raft
import Wire

/// A node that has lost its disk has lost what it promised: it never campaigns, leads or votes again
/// under its old name (Raft §5.2 rests on votes that survive restarts).
struct WipedDisksStaySilent {
    func check(_ now: Observation, isWiped: Bool) -> String? {
        guard isWiped, now.isActive || now.term > .zero else { return nil }
        return """
            Wiped Disks Stay Silent: n\(now.node + 1) has lost its disk and takes part in term \
            \(now.term.number)
            """
    }

    func check(_ message: Message, from node: Int, isWiped: Bool) -> String? {
        guard isWiped else { return nil }
        return """
            Wiped Disks Stay Silent: n\(node + 1) has lost its disk and says \
            "\(PeerMessage.raft(message).story)"
            """
    }
}
