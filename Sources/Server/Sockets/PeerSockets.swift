import Node
import Posix
import Primitives
import Replica

/// The sockets of all connections to peers and of the gossip's streams, and the listeners at the Raft
/// port. It moves bytes; what they mean is the node's.
struct PeerSockets: ~Copyable {
    private let watchlist: Watchlist
    private let listeners: [Listener]
    private var listenerTokens: [PollToken] = []
    private var streams: [PeerStream] = []
    private var ready: [PeerStream] = []
    /// Connections of which the node takes no bytes for the moment.
    private var paused: [PeerStream] = []
    private var inbox = [UInt8](repeating: 0, count: NodeLimits.read)
    /// Whether a listener may have callers that were not accepted.
    var hasWaitingCallers = false
    /// When callers are taken in again; `never` while they are.
    private(set) var callersDue = Instant.never

    init(_ listeners: [Listener], _ watchlist: Watchlist) {
        self.listeners = listeners
        self.watchlist = watchlist
    }

    mutating func watchListeners() throws(Errno) {
        for listener in listeners {
            listenerTokens.append(
                try watchlist.watch(listener.socket.descriptor, as: .raftListener))
        }
    }

    // MARK: Callers

    /// Takes callers in at the Raft port: a few in a turn, after what peers have said, and none while as
    /// many as may have not said yet who they are. So strangers wait in the listener's queue, and each
    /// peer among them has its turn.
    mutating func acceptCallers(_ core: inout CounterNode, _ log: inout NodeLog) {
        if core.now >= callersDue { listenAgain() }
        guard hasWaitingCallers else { return }
        hasWaitingCallers = false
        var room = ServerLimits.callersInTurn
        for position in listeners.indices {
            while room > 0, accept(from: listeners[position], &core, &log) { room -= 1 }
        }
    }

    /// Takes one caller in. False where none waits, or where it must wait.
    private mutating func accept(
        from listener: Listener, _ core: inout CounterNode, _ log: inout NodeLog
    ) -> Bool {
        guard core.now >= core.node.nextAcceptance else {
            callersDue = core.node.nextAcceptance
            setListenersInterest([])
            return false
        }
        do throws(Errno) {
            guard let stream = try listener.socket.accept() else { return false }
            take(stream, at: .raft, &core)
            return true
        } catch {
            log.write(.acceptFailed("raft", "\(error)"), at: core.now)
            _ = try? listener.socket.shed()
            return false
        }
    }

    private mutating func listenAgain() {
        callersDue = .never
        setListenersInterest(.readable)
        hasWaitingCallers = true
    }

    private func setListenersInterest(_ interest: PollInterest) {
        for (listener, token) in zip(listeners, listenerTokens) {
            watchlist.setInterest(interest, of: listener.socket.descriptor, token)
        }
    }

    /// A caller was accepted.
    mutating func take(
        _ stream: consuming TCPStream, at port: Node.Port, _ core: inout CounterNode
    ) {
        let id = core.node.accept(at: port, now: core.now, into: &core.effects)
        add(PeerStream(stream, token: watchlist.reserve(), id: id, isConnecting: false), &core)
    }

    private mutating func add(_ stream: PeerStream, _ core: inout CounterNode) {
        streams.append(stream)
        do throws(Errno) {
            try watchlist.put(
                .stream(stream), at: stream.token, stream.stream.descriptor,
                interest: stream.interest)
        } catch {
            end(stream, &core)
        }
    }

    // MARK: Calls

    /// Opens a connection that the node wants.
    mutating func open(_ call: Node.Effects.Call, _ core: inout CounterNode) {
        guard let address = SocketAddress(call.to) else {
            preconditionFailure("\(call.to) is called before its name was looked up")
        }
        do throws(Errno) {
            let stream = try TCPStream.connecting(to: address)
            add(
                PeerStream(
                    stream, token: watchlist.reserve(), id: call.link, isConnecting: true), &core)
        } catch {
            core.node.note(.ended(call.link))
        }
    }

    // MARK: Bytes

    /// Something is ready at a connection.
    mutating func take(_ event: PollEvent, of stream: PeerStream, _ core: inout CounterNode) {
        if stream.isConnecting {
            do throws(Errno) {
                try stream.stream.connectResult()
            } catch {
                return end(stream, &core)
            }
            stream.isConnecting = false
            setInterest(.readable, of: stream)
            core.node.note(.connected(stream.id))
            return
        }
        if event.writable { flush(stream, &core) }
        guard event.readable || event.hangup, !stream.hasEnded else { return }
        if core.node.room(on: stream.id) > 0 {
            ready.append(stream)
        } else if event.hangup {
            end(stream, &core)
        } else {
            updateInterest(of: stream, core)
        }
    }

    /// Hands what has come to the node, as much as it takes. What is left is told again by the poller.
    mutating func receive(_ core: inout CounterNode) {
        for stream in paused where !stream.hasEnded { updateInterest(of: stream, core) }
        paused.removeAll { $0.hasEnded || $0.interest.contains(.readable) }
        guard !ready.isEmpty else { return }
        for stream in ready where !stream.hasEnded { receive(from: stream, &core) }
        ready.removeAll(keepingCapacity: true)
    }

    private mutating func receive(from stream: PeerStream, _ core: inout CounterNode) {
        while true {
            let room = core.node.room(on: stream.id)
            guard room > 0 else { return updateInterest(of: stream, core) }
            // A read fills the inbox from here to its end.
            let start = inbox.count - room
            guard let result = try? stream.stream.read(into: &inbox, at: start) else {
                return end(stream, &core)
            }
            switch result {
            case .bytes(let count):
                core.node.receive(inbox, start..<start + count, on: stream.id)
                // A read that did not fill the room has emptied the socket.
                if count < room { return }
            case .end: return end(stream, &core)
            case .wouldBlock: return
            }
        }
    }

    /// The connection has ended by itself; the node hears it in the next turn.
    private mutating func end(_ stream: PeerStream, _ core: inout CounterNode) {
        guard !stream.hasEnded else { return }
        stream.hasEnded = true
        setInterest([], of: stream)
        core.node.note(.ended(stream.id))
    }

    /// Sends what the node has for a connection, as far as it goes at once.
    mutating func flush(_ id: LinkID, _ core: inout CounterNode) {
        if let stream = stream(id), !stream.isConnecting { flush(stream, &core) }
    }

    private mutating func flush(_ stream: PeerStream, _ core: inout CounterNode) {
        guard !stream.hasEnded else { return }
        var hasFailed = false
        let state = core.node.withOutput(of: stream.id) { bytes, range in
            var sent = range.lowerBound
            while sent < range.upperBound {
                guard let result = try? stream.stream.write(bytes, sent..<range.upperBound) else {
                    hasFailed = true
                    break
                }
                guard case .bytes(let count) = result else { break }
                sent += count
            }
            return sent - range.lowerBound
        }
        // What the other side has said last is read before its end is told.
        if hasFailed, core.node.room(on: stream.id) == 0 { return end(stream, &core) }
        stream.isWaiting = state == .waiting && !hasFailed
        if state == .done { return close(stream, &core) }
        updateInterest(of: stream, core)
    }

    /// Listens for what the node takes, and for room where something waits to be sent. A connection of
    /// which it takes nothing now is asked about again in each turn.
    private mutating func updateInterest(of stream: PeerStream, _ core: borrowing CounterNode) {
        var interest: PollInterest = stream.isWaiting ? .writable : []
        if core.node.room(on: stream.id) > 0 {
            interest.insert(.readable)
        } else if !paused.contains(where: { $0 === stream }) {
            paused.append(stream)
        }
        setInterest(interest, of: stream)
    }

    /// Ends a connection that the node is done with. What is left to send leaves as far as it goes.
    mutating func close(_ id: LinkID, _ core: inout CounterNode) {
        guard let stream = stream(id) else { return core.node.forget(id, at: core.now) }
        if !stream.isConnecting { flush(stream, &core) }
        close(stream, &core)
    }

    private mutating func close(_ stream: PeerStream, _ core: inout CounterNode) {
        guard let position = streams.firstIndex(where: { $0 === stream }) else { return }
        stream.hasEnded = true
        watchlist.remove(stream.stream.descriptor, stream.token)
        // The socket is closed with the last reference to it.
        streams.remove(at: position)
        core.node.forget(stream.id, at: core.now)
    }

    /// Who is at the other end, for people.
    func peer(of id: LinkID) -> String { stream(id).map { "\($0.stream.peer)" } ?? "somebody" }

    /// Sends all that goes at once: the node is about to end.
    mutating func flushAll(_ core: inout CounterNode) {
        for stream in streams where !stream.isConnecting { flush(stream, &core) }
    }

    private func stream(_ id: LinkID) -> PeerStream? {
        for stream in streams where stream.id == id { return stream }
        return nil
    }

    private func setInterest(_ interest: PollInterest, of stream: PeerStream) {
        guard interest != stream.interest else { return }
        stream.interest = interest
        watchlist.setInterest(interest, of: stream.stream.descriptor, stream.token)
    }
}
