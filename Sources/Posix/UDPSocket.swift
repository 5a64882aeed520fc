#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A bound UDP socket: single datagrams out and in, which may be lost, doubled and reordered. It never
/// blocks.
public struct UDPSocket: ~Copyable {
    private let socket: FileDescriptor

    /// Where it is bound, with the port that the system chose if 0 was asked for.
    public let localAddress: SocketAddress

    /// Binds. EADDRINUSE, EADDRNOTAVAIL and EACCES are the user's.
    public init(bindingTo address: SocketAddress) throws(Errno) {
        let socket = try makeSocket(family: address.family, type: datagramSocketType)
        let number = socket.rawValue
        _ = try retrying { unsafe address.withSystemAddress { unsafe bind(number, $0, $1) } }
        localAddress = try Posix.localAddress(of: number)
        self.socket = socket
    }

    /// What the poller watches; readable when a datagram waits.
    public var descriptor: Int32 { socket.rawValue }

    /// Takes the next datagram into `buffer` from its start, or returns nil where none waits.
    ///
    /// What does not fit is cut off, so a caller that wants to tell a datagram that is too long gives a
    /// buffer with one byte more than it takes. An IPv4 sender is named as such on an IPv6 socket, too.
    ///
    /// - Parameter buffer: Must not be empty.
    /// - Returns: How many bytes came, 0 for an empty datagram, and from where.
    public func receive(
        into buffer: inout [UInt8]
    ) throws(Errno) -> (count: Int, source: SocketAddress)? {
        let number = descriptor
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // The call writes at most as much of the address as the length says, which is all of it.
        let result = try unsafe Posix.receive(into: &buffer, at: 0) { start, room in
            unsafe withUnsafeMutablePointer(to: &storage) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe recvfrom(number, start, room, 0, $0, &length)
                }
            }
        }
        let count: Int
        switch result {
        case .bytes(let some): count = some
        case .end: count = 0
        case .wouldBlock: return nil
        }
        guard let source = SocketAddress(storage) else { throw .notSupported }
        return (count, source.withoutMapping)
    }

    /// Sends one datagram.
    ///
    /// - Returns: False where there is no room now: it is lost, as in the network. ENETUNREACH,
    ///   EMSGSIZE and their like are thrown.
    public func send(_ bytes: [UInt8], to address: SocketAddress) throws(Errno) -> Bool {
        let number = descriptor
        let target = address.mapped(to: localAddress.family)
        if bytes.isEmpty {
            _ = try retrying {
                unsafe target.withSystemAddress { unsafe sendto(number, nil, 0, 0, $0, $1) }
            }
            return true
        }
        let result = try unsafe transmit(bytes, 0..<bytes.count) { start, count in
            unsafe target.withSystemAddress { unsafe sendto(number, start, count, 0, $0, $1) }
        }
        return result != .wouldBlock
    }
}

extension SocketAddress {
    /// The address as a socket of that family says it: IPv4 on an IPv6 socket (RFC 4291 §2.5.5.2).
    fileprivate func mapped(to family: Int32) -> SocketAddress {
        guard family == AF_INET6, case .v4(let bits) = kernelHost else { return self }
        let low = 0xFFFF_0000_0000 | UInt64(bits)
        return SocketAddress(.v6(high: 0, low: low, scope: 0), port: port)
    }

    /// The IPv4 address where an IPv6 one merely carries it.
    fileprivate var withoutMapping: SocketAddress {
        guard case .v6(high: 0, let low, _) = kernelHost, low >> 32 == 0xFFFF else { return self }
        return SocketAddress(.v4(UInt32(truncatingIfNeeded: low)), port: port)
    }
}
