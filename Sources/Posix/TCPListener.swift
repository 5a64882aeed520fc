#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A socket that takes connections in.
public struct TCPListener: ~Copyable {
    private let socket: FileDescriptor
    /// A descriptor in reserve, so that a connection can be taken and closed when there are no more.
    private var spare: FileDescriptor?

    /// Where it listens, with the port that the system chose if 0 was asked for.
    public let localAddress: SocketAddress

    /// Binds and listens, without blocking. EADDRINUSE, EADDRNOTAVAIL and EACCES are the user's.
    ///
    /// A port whose last connections still linger can be bound again at once; one that another
    /// socket listens on can't.
    ///
    /// - Parameter backlog: How many connections may wait to be accepted; the system has its own cap.
    public init(bindingTo address: SocketAddress, backlog: Int32 = 1024) throws(Errno) {
        let socket = try makeStreamSocket(family: address.family)
        let number = socket.rawValue
        try setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
        _ = try retrying { unsafe address.withSystemAddress { unsafe bind(number, $0, $1) } }
        _ = try retrying { listen(number, backlog) }
        let bound = try Posix.localAddress(of: number)
        spare = try openSpare()
        localAddress = bound
        self.socket = socket
    }

    /// What the poller watches; readable when a connection waits.
    public var descriptor: Int32 { socket.rawValue }

    /// The next connection, or nil when none waits.
    ///
    /// EMFILE and ENFILE are thrown, and the connection goes on waiting: either stop watching until
    /// a descriptor is closed, or `shed`, or the poller tells it again without end. A connection
    /// that broke while it waited is passed over.
    public func accept() throws(Errno) -> TCPStream? {
        while true {
            do {
                var storage = sockaddr_storage()
                let connection = try acceptConnection(descriptor, from: &storage)
                // Fails only on a connection that is gone already, and the first read says so.
                try? setNoDelay(connection.rawValue)
                guard let peer = SocketAddress(storage) else { continue }
                return TCPStream(adopting: connection, peer: peer)
            } catch {
                if error == .wouldBlock { return nil }
                if !TCPListener.isOfTheConnection(error) { throw error }
            }
        }
    }

    /// Takes one waiting connection and closes it, with the descriptor held in reserve for that.
    ///
    /// - Parameter farewell: What is done with the connection before it is closed.
    /// - Returns: Whether one was taken; false when none waits, or when other threads were faster
    ///   and the reserve is empty for now.
    public mutating func shed(
        _ farewell: (borrowing TCPStream) -> Void = { _ in }
    ) throws(Errno) -> Bool {
        spare = nil
        var storage = sockaddr_storage()
        let taken: Bool
        do {
            let connection = try acceptConnection(descriptor, from: &storage)
            if let peer = SocketAddress(storage) {
                farewell(TCPStream(adopting: connection, peer: peer))
            }
            taken = true
        } catch {
            let none: [Errno] = [.wouldBlock, .tooManyOpenFiles, .tooManyOpenFilesInSystem]
            if !none.contains(error), !TCPListener.isOfTheConnection(error) { throw error }
            taken = false
        }
        spare = try? openSpare()
        return taken
    }

    /// accept(2): Linux hands out what the network did to the waiting connection as an error of the
    /// call; none of these says anything about the listener.
    private static func isOfTheConnection(_ error: Errno) -> Bool {
        switch error.rawValue {
        case ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH,
            EOPNOTSUPP, EPERM, ETIMEDOUT, ECONNRESET:
            true
        default:
            false
        }
    }
}

private func openSpare() throws(Errno) -> FileDescriptor {
    try openDescriptor("/dev/null", O_RDONLY)
}
