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
/// with `collect`. Each name is worked on by a thread of its own, as many at a time as there may be, so
/// that one for which no answer comes holds up no other; whoever asks for a name that is being looked
/// up gets the same answer. Threads end when there is nothing left to look up; one that hangs may
/// outlive the resolver.
public final class NameResolver: Sendable {
    /// Why a name has no addresses: the resolver's text, such as "Name or service not known".
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The text, for people.
        public let description: String

        /// A failure that people are told of in these words.
        public init(description: String) { self.description = description }
    }

    /// What can be said at once.
    public enum Lookup: Hashable, Sendable {
        /// The host was a number already.
        case known(SocketAddress)
        /// The answer comes through `collect`.
        case queued
        /// As many questions are open as are allowed, or there is no thread; nothing was done.
        case full
    }

    /// What became of a name.
    public struct Answer: Sendable {
        /// What the asker gave with the question.
        public let ticket: UInt64
        /// The address that was asked for.
        public let address: Address
        /// At least one address, in the order of the system's preference, or why there is none.
        public let result: Result<[SocketAddress], Failure>
    }

    /// Finds a host's addresses; their ports mean nothing. It may take as long as it likes, and is
    /// called for several hosts at a time.
    public typealias Search = @Sendable (_ host: String) -> Result<[SocketAddress], Failure>

    private struct Question {
        let host: String
        var askers: [(ticket: UInt64, address: Address)]
        var isUnderWay = false
    }

    private struct State {
        /// What is looked up or waits for a thread, in the order of asking; no host twice.
        var questions: [Question] = []
        var answers: [Answer] = []
        /// Askers whose answer was not collected: what the bound counts.
        var open = 0
        var threads = 0
        var isStopped = false
    }

    /// What the threads keep, so that they may outlive the resolver for the length of one look-up.
    private final class Shared: Sendable {
        let state = Mutex(State())
        let answered: Wakeup
        let search: Search

        init(_ search: @escaping Search) throws(Errno) {
            self.search = search
            answered = try Wakeup()
        }
    }

    private let shared: Shared
    private let capacity: Int
    private let threads: Int

    /// Finds addresses as the system does (getaddrinfo).
    public static let systemSearch: Search = { addresses(of: $0) }

    /// A resolver; its threads are started as they are needed.
    ///
    /// - Parameters:
    ///   - capacity: how many questions may be open at a time, at least 1.
    ///   - threads: how many names are looked up at a time, at least 1.
    ///   - search: how; by default as the system does.
    public init(
        capacity: Int = 64, threads: Int = 4, search: @escaping Search = NameResolver.systemSearch
    ) throws(Errno) {
        precondition(capacity > 0, "a resolver that takes no question")
        precondition(threads > 0, "a resolver that answers no question")
        self.capacity = capacity
        self.threads = threads
        shared = try Shared(search)
    }

    deinit {
        shared.state.withLock { $0.isStopped = true }
    }

    /// What the poller watches: readable when there are answers.
    public var descriptor: Int32 { shared.answered.descriptor }

    /// Asks where an address's host is.
    ///
    /// - Parameter ticket: Comes back with the answer, for the asker to know it by.
    public func lookUp(_ address: Address, ticket: UInt64) -> Lookup {
        if let known = SocketAddress(address) { return .known(known) }
        let host = address.hostText
        let (isTaken, needsThread) = shared.state.withLock { state in
            guard state.open < capacity else { return (false, false) }
            state.open += 1
            if let known = state.questions.firstIndex(where: { $0.host == host }) {
                state.questions[known].askers.append((ticket, address))
                return (true, false)
            }
            state.questions.append(Question(host: host, askers: [(ticket, address)]))
            guard state.threads < threads else { return (true, false) }
            state.threads += 1
            return (true, true)
        }
        guard needsThread else { return isTaken ? .queued : .full }
        do {
            let shared = shared
            try startThread { NameResolver.work(shared) }
            return .queued
        } catch {
            shared.state.withLock { $0.threads -= 1 }
            abandon(ticket)
            return .full
        }
    }

    /// The asker does not wait for that answer any more: it never comes, unless it was collected. A
    /// look-up that is under way goes on for whoever asks for the name meanwhile.
    public func abandon(_ ticket: UInt64) {
        shared.state.withLock { state in
            let before = state.answers.count
            state.answers.removeAll { $0.ticket == ticket }
            state.open -= before - state.answers.count
            for position in state.questions.indices {
                let askers = state.questions[position].askers.count
                state.questions[position].askers.removeAll { $0.ticket == ticket }
                state.open -= askers - state.questions[position].askers.count
            }
            state.questions.removeAll { $0.askers.isEmpty && !$0.isUnderWay }
        }
    }

    /// The answers since the last time, and silence on the descriptor until there are more.
    public func collect() -> [Answer] {
        shared.answered.drain()
        return shared.state.withLock { state in
            let answers = state.answers
            state.answers = []
            state.open -= answers.count
            return answers
        }
    }

    private static func work(_ shared: Shared) {
        while let host = next(shared) {
            let result = shared.search(host)
            shared.state.withLock { answer(host, with: result, in: &$0) }
            shared.answered.signal()
        }
    }

    /// The host to look up next; nil where there is none, and the thread is to end.
    private static func next(_ shared: Shared) -> String? {
        shared.state.withLock { state in
            guard !state.isStopped,
                let position = state.questions.firstIndex(where: { !$0.isUnderWay })
            else {
                state.threads -= 1
                return nil
            }
            state.questions[position].isUnderWay = true
            return state.questions[position].host
        }
    }

    private static func answer(
        _ host: String, with result: Result<[SocketAddress], Failure>, in state: inout State
    ) {
        guard let position = state.questions.firstIndex(where: { $0.host == host }) else { return }
        for (ticket, address) in state.questions.remove(at: position).askers {
            let addresses = result.map { found in found.map { $0.with(port: address.port) } }
            state.answers.append(Answer(ticket: ticket, address: address, result: addresses))
        }
    }
}

/// Asks the system, which may take seconds.
///
/// The list is walked before it is freed; each address is copied out as far as its own length says,
/// into storage that is large enough for every kind.
private func addresses(of host: String) -> Result<[SocketAddress], NameResolver.Failure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = streamSocketType
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, nil, &hints, &list)
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
