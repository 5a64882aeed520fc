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

// What sockets have in common, with the differences between the systems.
//
// Every pointer here comes from an inout argument and lives for its call; each length is that of the
// value it stands beside.

/// The socket type of TCP.
var streamSocketType: Int32 {
    #if os(Linux)
        linux_sock_stream
    #else
        SOCK_STREAM
    #endif
}

/// The socket type of UDP.
var datagramSocketType: Int32 {
    #if os(Linux)
        linux_sock_dgram
    #else
        SOCK_DGRAM
    #endif
}

/// A new TCP socket.
func makeStreamSocket(family: Int32) throws(Errno) -> FileDescriptor {
    try makeSocket(family: family, type: streamSocketType)
}

/// A new socket that does not block, does not reach children, and raises no SIGPIPE.
func makeSocket(family: Int32, type: Int32) throws(Errno) -> FileDescriptor {
    #if os(Linux)
        let type = type | linux_sock_nonblock | linux_sock_cloexec
        return FileDescriptor(adopting: try retrying { socket(family, type, 0) })
    #else
        let made = FileDescriptor(adopting: try retrying { socket(family, type, 0) })
        try prepareSocket(made.rawValue)
        return made
    #endif
}

#if !os(Linux)
    /// What Linux does with flags at the socket's birth.
    func prepareSocket(_ descriptor: Int32) throws(Errno) {
        try setCloseOnExec(descriptor)
        try setNonBlocking(descriptor)
        try setOption(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1)
    }
#endif

func setOption(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32
) throws(Errno) {
    var value = value
    let length = socklen_t(MemoryLayout<Int32>.size)
    _ = try retrying { unsafe setsockopt(descriptor, level, name, &value, length) }
}

/// A segment leaves at once instead of waiting for the last one's acknowledgement: requests and their
/// answers are small, and each of them is waited for.
func setNoDelay(_ descriptor: Int32) throws(Errno) {
    try setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
}

/// The socket's own address.
func localAddress(of descriptor: Int32) throws(Errno) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    _ = try retrying {
        unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
    }
    guard let address = SocketAddress(storage) else { throw .notSupported }
    return address
}

/// The next connection in the queue of a listening socket, and where it comes from.
func acceptConnection(
    _ descriptor: Int32, from storage: inout sockaddr_storage
) throws(Errno) -> FileDescriptor {
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let number = try retrying {
        unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if os(Linux)
                    unsafe accept4(
                        descriptor, $0, &length, linux_sock_nonblock | linux_sock_cloexec)
                #else
                    unsafe accept(descriptor, $0, &length)
                #endif
            }
        }
    }
    let connection = FileDescriptor(adopting: number)
    #if !os(Linux)
        do {
            try prepareSocket(connection.rawValue)
        } catch {
            // Options are refused on a connection that its peer has thrown away.
            throw .connectionAborted
        }
    #endif
    return connection
}
