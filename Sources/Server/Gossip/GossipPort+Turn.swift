import Node
import Posix
import Primitives

/// The gossip's port in the loop's turn.
extension GossipPort {
    /// Takes in what waits: a few datagrams, since who forges them takes those that cost most. What is
    /// not taken stays in the socket, or is lost when that is full.
    mutating func receive(_ core: inout CounterNode) {
        guard hasDatagrams else { return }
        hasDatagrams = false
        let ports = sockets
        for port in ports {
            for _ in 0..<max(1, ServerLimits.datagramsInTurn / ports.count) {
                guard let (count, source) = try? port.socket.receive(into: &inbox),
                    let address = source.address
                else { break }
                core.node.note(.datagram(Array(inbox[..<count]), from: address))
            }
        }
    }

    /// Takes callers of the gossip's streams in.
    mutating func accept(
        from listener: Listener, _ peers: inout PeerSockets, _ core: inout CounterNode,
        _ log: inout NodeLog
    ) {
        for _ in 0..<ServerLimits.gossipAcceptsInTurn {
            do throws(Errno) {
                guard let stream = try listener.socket.accept() else { return }
                peers.take(stream, at: .gossip, &core)
            } catch {
                log.write(.acceptFailed("gossip", "\(error)"), at: core.now)
                _ = try? listener.socket.shed()
                return
            }
        }
    }

    /// Sends what the node wants sent; a datagram that can't leave is one that is lost.
    func send(_ datagrams: [Node.Effects.Datagram]) {
        for datagram in datagrams {
            if let address = SocketAddress(datagram.to) { send(datagram.bytes, to: address) }
        }
    }

    /// Binds what is not bound, if it is time, by a name that is looked up in the same way as all others.
    /// Nothing but this part of the node depends on it.
    mutating func bindIfDue(_ names: inout Names, _ core: inout CounterNode, _ log: inout NodeLog) {
        guard core.now >= nextTry else { return }
        nextTry = core.now + ServerLimits.gossipRetry
        if let number = SocketAddress(address) {
            bind([number], &core, &log)
        } else if !names.lookUpGossipPort(address) {
            complain("too many names are being looked up", &core, &log)
        }
    }

    /// The name of the port was looked up.
    mutating func found(
        _ result: Result<[SocketAddress], NameResolver.Failure>, _ core: inout CounterNode,
        _ log: inout NodeLog
    ) {
        guard !isBound else { return }
        switch result {
        case .success(let addresses): bind(addresses, &core, &log)
        case .failure(let failure): complain(failure.description, &core, &log)
        }
    }

    private mutating func bind(
        _ addresses: [SocketAddress], _ core: inout CounterNode, _ log: inout NodeLog
    ) {
        let (missing, skipped) = bind(to: addresses)
        watchSockets()
        for line in skipped { log.write(line, at: core.now) }
        core.node.gossipSockets.canSend = hasSocket
        core.node.gossipSockets.prefersVersion6 = prefersVersion6
        guard isBound else { return complain(missing ?? "it can't be watched", &core, &log) }
        nextTry = .never
        if complaint != nil { log.write(.gossipBound("\(address)"), at: core.now) }
        complaint = nil
    }

    private mutating func complain(
        _ why: String, _ core: inout CounterNode, _ log: inout NodeLog
    ) {
        guard why != complaint else { return }
        complaint = why
        log.write(.gossipUnbound("\(address)", why), at: core.now)
    }
}
