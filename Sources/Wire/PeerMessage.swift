import Founding
import Raft

/// All that one peer says to another.
public enum PeerMessage: Hashable, Sendable {
    /// The first words of the node that dialled.
    case hello(Hello)
    /// The first words of the node that accepted, where it goes on.
    case welcome(Hello)
    /// The sender will not go on, and closes.
    case refusal(Refusal)
    /// How far the sender's disk has come, said again when it changes.
    case founding(FoundingState)
    /// "Are you there?" The number comes back.
    case ping(UInt64)
    /// "I am", with the ping's number.
    case pong(UInt64)
    /// What the sender's state comes to at an index. Feature level 2.
    case stateHash(StateHash)
    /// A message of the Raft cores.
    case raft(Message)
}
