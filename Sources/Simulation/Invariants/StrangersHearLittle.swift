import Wire

/// Who has not said who it is, or has lied about it, hears who it has called and why it is turned
/// down, and nothing else: it can't tell from an answer whether a node lives.
struct StrangersHearLittle {
    static func check(_ message: PeerMessage, from node: Int) -> String? {
        switch message {
        case .welcome, .refusal: nil
        case .hello, .founding, .ping, .pong, .stateHash, .raft:
            "Strangers Hear Little: n\(node + 1) says \"\(message.story)\" to a stranger"
        }
    }
}
