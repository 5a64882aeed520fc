import Primitives
import Synchronization

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

/// Looks names up beside the loop: getaddrinfo waits for servers far away, a loop never does.
///
/// The loop asks with `lookUp`, sleeps, and is woken through `descriptor`; then it takes the answers
/// with `collect`. One thread works on one name at a time. It ends soon after the resolver.
public final class NameResolver: Sendable {
    /// Why a name has no addresses: the resolver's text, such as "Name or service not known".
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The text, for people.
        public let description: String
    }

    /// What can be said at once.
    public enum Lookup: Hashable, Sendable {
        /// The endpoint was a number already.
        case known(SocketAddress)
        /// The answer comes through `collect`.
        case queued
        /// As many names are being looked up as are allowed; nothing was done.
        case full
    }

    /// What became of a name.
    public struct Answer: Sendable {
        /// What the asker gave with the question.
        public let ticket: UInt64
        /// The endpoint that was asked for.
        public let endpoint: Endpoint
        /// At least one address, in the order of the system's preference, or why there is none.
        public let result: Result<[SocketAddress], Failure>
    }

    private struct State {
        var questions: [(ticket: UInt64, endpoint: Endpoint)] = []
        var answers: [Answer] = []
        /// Questions without an answer that was collected: what the bound counts.
        var open = 0
        var stopped = false
    }

    /// What the thread keeps, so that it may outlive the resolver for the length of one look-up.
    private final class Desk: Sendable {
        let state = Mutex(State())
        let asked: Wakeup
        let answered: Wakeup

        init() throws(Errno) {
            asked = try Wakeup()
            answered = try Wakeup()
        }
    }

    private let desk: Desk
    private let capacity: Int

    /// A resolver with its thread.
    ///
    /// - Parameter capacity: How many questions may be open at a time, at least 1.
    public init(capacity: Int = 64) throws(Errno) {
        precondition(capacity > 0, "a resolver that takes no question")
        self.capacity = capacity
        let desk = try Desk()
        self.desk = desk
        try startThread { NameResolver.work(at: desk) }
    }

    deinit {
        desk.state.withLock { $0.stopped = true }
        desk.asked.signal()
    }

    /// What the poller watches: readable when there are answers.
    public var descriptor: Int32 { desk.answered.descriptor }

    /// Asks for an endpoint's addresses.
    ///
    /// - Parameter ticket: Comes back with the answer, for the asker to know it by.
    public func lookUp(_ endpoint: Endpoint, ticket: UInt64) -> Lookup {
        if let address = endpoint.numericAddress { return .known(address) }
        let queued = desk.state.withLock { state in
            guard state.open < capacity else { return false }
            state.open += 1
            state.questions.append((ticket, endpoint))
            return true
        }
        guard queued else { return .full }
        desk.asked.signal()
        return .queued
    }

    /// The answers since the last time, and silence on the descriptor until there are more.
    public func collect() -> [Answer] {
        desk.answered.drain()
        return desk.state.withLock { state in
            let answers = state.answers
            state.answers = []
            state.open -= answers.count
            return answers
        }
    }

    private static func work(at desk: Desk) {
        while true {
            waitUntilReadable(desk.asked.descriptor)
            desk.asked.drain()
            while let question = next(at: desk) {
                let answer = Answer(
                    ticket: question.ticket, endpoint: question.endpoint,
                    result: addresses(of: question.endpoint))
                desk.state.withLock { $0.answers.append(answer) }
                desk.answered.signal()
            }
            if desk.state.withLock({ $0.stopped }) { return }
        }
    }

    private static func next(at desk: Desk) -> (ticket: UInt64, endpoint: Endpoint)? {
        desk.state.withLock { state in
            state.stopped || state.questions.isEmpty ? nil : state.questions.removeFirst()
        }
    }
}

/// Sleeps until there is something to read. An error, a signal for example, only wakes it early.
private func waitUntilReadable(_ descriptor: Int32) {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // One structure is lent, and the count says one.
    _ = unsafe poll(&watched, 1, -1)
}

/// Asks the system, which may take seconds.
///
/// The list is walked before it is freed; each address is copied out as far as its own length says,
/// into storage that is large enough for every kind.
private func addresses(
    of endpoint: Endpoint
) -> Result<[SocketAddress], NameResolver.Failure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = streamSocketType
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
    guard code == 0 else {
        let text =
            unsafe code == EAI_SYSTEM
            ? Errno.current.description : String(cString: gai_strerror(code))
        return .failure(NameResolver.Failure(description: text))
    }
    defer { unsafe freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var entry = unsafe list
    while let current = unsafe entry {
        var storage = sockaddr_storage()
        let length = unsafe min(
            Int(current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        if let source = unsafe current.pointee.ai_addr {
            unsafe withUnsafeMutableBytes(of: &storage) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: length))
            }
        }
        if let address = SocketAddress(storage), !found.contains(address) { found.append(address) }
        unsafe entry = current.pointee.ai_next
    }
    if found.isEmpty { return .failure(NameResolver.Failure(description: "no address")) }
    return .success(found)
}
