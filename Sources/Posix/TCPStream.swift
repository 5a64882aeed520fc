import Primitives

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif
#if os(Linux)
    internal import CLinux
#endif

/// One end of a TCP connection. It never blocks, sends small segments at once, and writing to a
/// connection that is gone is an error, never a signal.
public struct TCPStream: ~Copyable, Sendable {
    private let socket: FileDescriptor

    /// Who is at the other end.
    public let peer: SocketAddress

    init(adopting socket: consuming FileDescriptor, peer: SocketAddress) {
        self.socket = socket
        self.peer = peer
    }

    /// Begins to connect. When the poller finds the stream writable, ask `connectResult`.
    ///
    /// Throws what is known at once, such as ENETUNREACH; ECONNREFUSED comes here or later.
    public static func connecting(to address: SocketAddress) throws(Errno) -> TCPStream {
        let socket = try makeStreamSocket(family: address.family)
        let number = socket.rawValue
        try setNoDelay(number)
        // Not repeated after EINTR: the connection is on its way, and the poller tells its end.
        let result = unsafe address.withSystemAddress { unsafe connect(number, $0, $1) }
        if result != 0 {
            let error = Errno.current
            if error != .inProgress && error != .interrupted { throw error }
        }
        return TCPStream(adopting: socket, peer: address)
    }

    /// What the poller watches.
    public var descriptor: Int32 { socket.rawValue }

    /// Returns when the connection stands and throws why it does not. To be asked when the stream is
    /// writable or hung up for the first time.
    public func connectResult() throws(Errno) {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let number = descriptor
        // The call writes one Int32, and that is the length that it is told.
        _ = try retrying { unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) }
        if code != 0 { throw Errno(rawValue: code) }
        // TCP lets two sides open one connection at once (RFC 9293 §3.5), so a dial to a local port
        // where no socket listens can draw that very port as its own and reach itself.
        if try localAddress() == peer { throw .connectionRefused }
    }

    /// This end's address.
    public func localAddress() throws(Errno) -> SocketAddress {
        try Posix.localAddress(of: descriptor)
    }

    /// Reads what there is into `buffer` from `offset` to its end, which must not be empty.
    /// ECONNRESET is thrown when the peer threw the connection away.
    public func read(
        into buffer: inout [UInt8], at offset: Int
    ) throws(Errno) -> ReadResult {
        let number = descriptor
        return try unsafe receive(into: &buffer, at: offset) { unsafe recv(number, $0, $1, 0) }
    }

    /// Writes as much of `bytes[range]` as there is room for. EPIPE and ECONNRESET are thrown when
    /// nobody reads any more.
    public func write(_ bytes: [UInt8], _ range: Range<Int>) throws(Errno) -> WriteResult {
        let number = descriptor
        return try unsafe transmit(bytes, range) { unsafe send(number, $0, $1, TCPStream.noSignal) }
    }

    /// Writes as much of what waits as there is room for.
    ///
    /// - Returns: Whether nothing waits any more.
    public func flush(_ output: inout SendBuffer) throws(Errno) -> Bool {
        try output.flush { (bytes, range) throws(Errno) -> Int? in
            switch try write(bytes, range) {
            case .bytes(let count): count
            case .wouldBlock: nil
            }
        }
    }

    /// Ends this half: the peer reads the end after the last byte; what it sends still arrives.
    public func shutdownWrite() throws(Errno) {
        let number = descriptor
        _ = try retrying { shutdown(number, TCPStream.writingHalf) }
    }

    private static var writingHalf: Int32 {
        #if os(Linux)
            linux_shut_wr
        #else
            SHUT_WR
        #endif
    }

    /// Where the flag does not exist, the socket's own option does the same.
    private static var noSignal: Int32 {
        #if os(Linux)
            linux_msg_nosignal
        #else
            0
        #endif
    }
}
