import Primitives
import Raft
import Wire

/// Nodes that run an old program, from before feature levels had names.
extension World {
    /// Whether a node runs the old program when it is started now.
    func startsOldProgram(_ node: SimulatedNode) -> Bool {
        logs.upgrades.indices.contains(node.number) && now < logs.upgrades[node.number]
    }

    /// The highest level that all programs can do which run, or ran last.
    var newestLevel: FeatureLevel {
        nodes.contains { $0.hasOldProgram && !$0.isCopy } ? .initial : .current
    }

    /// An old program can't read a frame of a version that came later: it closes the connection.
    func isReadable(_ message: PeerMessage, at end: LinkEnd) -> Bool {
        guard end.side.machine < nodes.count, nodes[end.side.machine].hasOldProgram else {
            return true
        }
        return switch message {
        case .hello(let hello), .welcome(let hello): hello.levels == nil
        case .refusal(let refusal): refusal.reason != .oldVersion
        case .raft(.appendReply(let reply)): !reply.isDiskFull
        case .stateHash, .raft(.installSnapshot), .raft(.snapshotReply): false
        case .founding, .ping, .pong, .raft: true
        }
    }

    /// A frame that an old program can't read has left for it.
    func closeUnread(_ end: LinkEnd) {
        tally.unreadFrames += 1
        reset(end)
        reset(end.other)
    }
}
