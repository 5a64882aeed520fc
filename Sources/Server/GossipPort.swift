import Configuration
import Posix
import Primitives

/// The gossip's address of this node: datagrams and streams come to one port.
///
/// A node lives without it: where the port is taken or refused, Raft and HTTP go on with the addresses
/// that are known, and the port is tried again from time to time.
struct GossipPort: ~Copyable {
    /// Where it listens.
    let endpoint: Endpoint
    var socket: UDPSocket?
    var listener: TCPListener?
    /// When to try again what is not bound; `never` while all is.
    var nextTry = Instant.origin
    /// What the log was told last of why it is not bound.
    var complaint: String?
    /// Whether datagrams wait.
    var hasDatagrams = false
    /// What came with a datagram: one byte more than any may have, to tell those that are too long.
    var inbox = [UInt8](repeating: 0, count: ServerLimits.datagramRoom)

    /// An address of this machine that nothing is bound to yet.
    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// Whether both datagrams and streams reach this node.
    var isBound: Bool { socket != nil && listener != nil }

    /// Binds what is not bound yet. Returns why something is not.
    mutating func bind(to address: SocketAddress) -> String? {
        var missing: [String] = []
        if socket == nil {
            do throws(Errno) {
                socket = try UDPSocket(bindingTo: address)
            } catch {
                missing.append("UDP: \(error)")
            }
        }
        if listener == nil {
            do throws(Errno) {
                listener = try TCPListener(bindingTo: address)
            } catch {
                missing.append("TCP: \(error)")
            }
        }
        return missing.isEmpty ? nil : missing.joined(separator: ", ")
    }
}
