import Posix
import Replica

/// The socket of one connection to a peer, or of the gossip. Its bytes and what they mean are the
/// node's.
final class PeerStream {
    let stream: TCPStream
    let token: PollToken
    let id: LinkID
    /// Whether this node has called, and the connection does not stand yet.
    var isConnecting: Bool
    var interest: PollInterest
    /// Whether something waits to be sent that it does not take yet.
    var isWaiting = false
    /// Whether the node is told of its end already.
    var hasEnded = false

    init(_ stream: consuming TCPStream, token: PollToken, id: LinkID, isConnecting: Bool) {
        self.stream = stream
        self.token = token
        self.id = id
        self.isConnecting = isConnecting
        interest = isConnecting ? .writable : .readable
    }
}
