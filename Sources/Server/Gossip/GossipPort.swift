import Posix
import Primitives

/// A socket for datagrams; a box, since an array can't hold what can't be copied.
final class DatagramPort {
    let socket: UDPSocket
    /// Whether the poller looks at it.
    var isWatched = false

    init(_ socket: consuming UDPSocket) { self.socket = socket }
}

/// The gossip's address of this node: datagrams and streams come to one port, on every address that its
/// name has.
///
/// A node lives without it: where the port is taken or refused, Raft and HTTP go on with the addresses
/// that are known, and the port is tried again from time to time.
struct GossipPort: ~Copyable {
    private let watchlist: Watchlist
    /// Where it listens.
    let address: Address
    private(set) var sockets: [DatagramPort] = []
    private(set) var listeners: [Listener] = []
    /// Addresses of the name that this machine can't have, and about which a line was written.
    private var absent: [SocketAddress] = []
    /// How many addresses there were to bind at the last attempt.
    private var wanted = 1
    /// When to try again what is not bound; `never` while all is.
    var nextTry = Instant.origin
    /// What the log was told last of why it is not bound.
    var complaint: String?
    /// Whether datagrams wait.
    var hasDatagrams = false
    /// What came with a datagram: one byte more than any may have, to tell those that are too long.
    var inbox = [UInt8](repeating: 0, count: ServerLimits.datagramRoom)

    /// An address of this machine that nothing is bound to yet.
    init(_ address: Address, _ watchlist: Watchlist) {
        self.address = address
        self.watchlist = watchlist
    }

    /// Whether datagrams can be sent and taken at all.
    var hasSocket: Bool { !sockets.isEmpty }

    /// Whether both datagrams and streams reach this node on each of its addresses.
    var isBound: Bool { wanted > 0 && sockets.count == wanted && listeners.count == wanted }

    /// Whether IPv6 addresses alone can be sent to.
    var prefersVersion6: Bool {
        hasSocket && sockets.allSatisfy { $0.socket.localAddress.isVersion6 }
    }

    /// Binds what is not bound yet. Returns why something is not, and lines about addresses of the name
    /// that this machine can't have.
    mutating func bind(to addresses: [SocketAddress]) -> (missing: String?, skipped: [LogLine]) {
        var missing: [String] = []
        var skipped: [LogLine] = []
        for address in addresses where !absent.contains(address) {
            do throws(Errno) {
                if !sockets.contains(where: { $0.socket.localAddress == address }) {
                    sockets.append(DatagramPort(try UDPSocket(bindingTo: address)))
                }
            } catch {
                if addresses.count > 1, Listening.isAbsentFamily(error, of: address) {
                    absent.append(address)
                    skipped.append(.addressAbsent("gossip", "\(address)", "\(error)"))
                    continue
                }
                missing.append(complaint("UDP", address, among: addresses, error))
            }
            do throws(Errno) {
                if !listeners.contains(where: { $0.socket.localAddress == address }) {
                    listeners.append(Listener(try TCPListener(bindingTo: address)))
                }
            } catch {
                missing.append(complaint("TCP", address, among: addresses, error))
            }
        }
        wanted = addresses.count { !absent.contains($0) }
        return (missing.isEmpty ? nil : missing.joined(separator: ", "), skipped)
    }

    private func complaint(
        _ kind: String, _ address: SocketAddress, among addresses: [SocketAddress], _ error: Errno
    ) -> String {
        addresses.count > 1 ? "\(kind) on \(address): \(error)" : "\(kind): \(error)"
    }

    /// Watches what is bound now. What can't be watched is given back, and bound again later.
    mutating func watchSockets() {
        for port in sockets where !port.isWatched {
            port.isWatched =
                (try? watchlist.watch(port.socket.descriptor, as: .datagrams)) != nil
        }
        for listener in listeners where !listener.isWatched {
            listener.isWatched =
                (try? watchlist.watch(listener.socket.descriptor, as: .gossipListener(listener)))
                != nil
        }
        sockets.removeAll { !$0.isWatched }
        listeners.removeAll { !$0.isWatched }
    }

    /// Sends a datagram from the socket of its address's kind. One that can't leave is lost, and the
    /// core expects such.
    func send(_ bytes: [UInt8], to address: SocketAddress) {
        let fitting = sockets.first { $0.socket.localAddress.isVersion6 == address.isVersion6 }
        _ = try? (fitting ?? sockets.first)?.socket.send(bytes, to: address)
    }
}
