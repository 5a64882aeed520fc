import HTTP
import Posix
import Primitives
import Replica

/// Clients: their connections, their requests, their time.
extension Server {
    /// Takes waiting connections in. One more than the bound is answered and closed.
    mutating func acceptClients() {
        for _ in 0..<ServerLimits.acceptsInTurn {
            do throws(Errno) {
                guard let stream = try httpListener?.accept() else { return }
                seatClient(stream)
            } catch {
                // No descriptor is left: one waiting connection is dropped so that the rest of the
                // loop goes on, and the backlog can't spin it.
                nodeLog.line("a client could not be accepted: \(error)")
                _ = try? httpListener?.shed()
                return
            }
        }
    }

    private mutating func seatClient(_ stream: consuming TCPStream) {
        let token = seats.reserve()
        let client = ClientConnection(stream, token: token, deadline: now + ServerLimits.idle)
        seats.occupy(token, .client(client))
        clientCount += 1
        do throws(Errno) {
            try poller.register(client.stream.descriptor, token: token, interest: .readable)
        } catch {
            return leave(client)
        }
        if sweepDue == .never { sweepDue = now + ServerLimits.sweep }
        if clientCount > clientLimit {
            let problem = ProblemDetails(
                .serviceUnavailable, code: "overloaded",
                detail: "This node serves \(clientLimit) connections already.")
            render(problem, allow: nil, isHead: false, closes: true, into: &client.output)
            client.phase = .closing
            markDirty(client)
        }
    }

    /// Reads and serves every client that has something to say.
    mutating func takeInClients() {
        guard !readyClients.isEmpty else { return }
        let clients = readyClients
        readyClients.removeAll(keepingCapacity: true)
        for client in clients { receive(from: client) }
    }

    private mutating func receive(from client: ClientConnection) {
        let kept = client.unparsed.count
        if kept > 0 {
            if inbox.count < kept + ServerLimits.inbox {
                inbox.append(contentsOf: repeatElement(0, count: ServerLimits.inbox))
            }
            inbox.replaceSubrange(0..<kept, with: client.unparsed)
            client.unparsed.removeAll(keepingCapacity: true)
        }
        switch try? client.stream.read(into: &inbox, at: kept) {
        case .bytes(let count):
            if client.isOpen { serve(client, through: kept + count) }
        case .wouldBlock:
            if kept > 0 { client.unparsed = Array(inbox[..<kept]) }
        case .end: end(client)
        case nil: close(client)
        }
    }

    /// The client has ended its half. It may still wait for answers to what it asked.
    private mutating func end(_ client: ClientConnection) {
        if client.exchanges.isEmpty && client.sent == client.output.count {
            return close(client)
        }
        if case .lingering = client.phase { return close(client) }
        client.phase = .closing
        setInterest(client.interest.subtracting(.readable), of: client)
    }

    /// Serves the requests in the first bytes of the inbox; what is not whole is kept.
    private mutating func serve(_ client: ClientConnection, through end: Int) {
        // The loop below changes the server, so it reads from a reference of its own.
        let buffer = inbox
        var start = 0
        while start < end && client.hasRoom {
            let parserBefore = client.exchanges.isEmpty ? nil : client.parser
            let progress = client.parser.parse(buffer, from: start, to: end)
            if case .needsMore = progress { break }
            switch progress {
            case .needsMore: break
            case .needsContinue:
                if client.inviteBody() { markDirty(client) }
            case .request(let request, let consumed):
                if let parserBefore, client.holds(isSafe: request.method.isSafe) {
                    client.parser = parserBefore
                    continue
                }
                serve(request, of: client, in: buffer)
                start += consumed
            case .refused(let fault): refuse(ProblemDetails(fault), client)
            }
        }
        if client.takesRequests { client.unparsed.append(contentsOf: buffer[start..<end]) }
        let wasAmid = client.isAmidRequest
        client.isAmidRequest = client.takesRequests && start < end
        if client.isAmidRequest {
            if !wasAmid || start > 0 { client.deadline = now + ServerLimits.request }
        } else if client.isOpen {
            client.deadline = now + ServerLimits.idle
        }
        updateReading(of: client)
    }

    /// Answers a fault after which nothing on the connection can be trusted, and closes.
    private mutating func refuse(_ problem: ProblemDetails, _ client: ClientConnection) {
        client.take(
            Exchange(page: .read, isSafe: true, wantsJSON: false, isHead: false, closes: true))
        answer(client, at: client.exchanges.count - 1, problem)
    }

    private mutating func serve(
        _ request: HTTP.Request, of client: ClientConnection, in buffer: [UInt8]
    ) {
        let body = client.parser.body(of: request, in: buffer)
        let route = Route.find(request, buffer: buffer, body: body)
        var exchange = Exchange(
            page: .write, isSafe: request.method.isSafe,
            wantsJSON: request.accept.prefersJSON, isHead: request.method == .head,
            closes: !request.keepAlive || replica.isStopping)
        switch route {
        case .command(let command):
            if command == .get || command == .staleGet { exchange.page = .read }
            ask(command, exchange, of: client, request, in: buffer)
        case .ready:
            exchange.page = .readiness
            ask(.get, exchange, of: client, request, in: buffer)
        case .status:
            client.take(exchange)
            StatusPage.render(
                replica.status(at: now), identity: replica.identity,
                uptime: now.since(startedAt), isGossipDegraded: isGossipDegraded, into: &page)
            answerPage("application/json", .ok, client)
        case .members:
            client.take(exchange)
            MembersPage(
                members: gossip.members, voters: replica.status(at: now).voters, peers: peers,
                now: now
            ).render(into: &page)
            answerPage("application/json", .ok, client)
        case .live:
            client.take(exchange)
            page = Array("ok\n".utf8)
            answerPage("text/plain", .ok, client)
        case .problem(let problem, let allow):
            client.take(exchange)
            answer(client, at: client.exchanges.count - 1, problem, allow: allow)
        }
    }

    /// Hands a command to the replica. What it answers at once, such as a redirect, is written while
    /// the request is at hand.
    private mutating func ask(
        _ command: Replica.Request, _ exchange: Exchange, of client: ClientConnection,
        _ request: HTTP.Request, in buffer: [UInt8]
    ) {
        let id = client.nextRequestID()
        client.take(exchange)
        let answersBefore = effects.answers.count
        replica.step(.requested(command, id), at: now, into: &effects)
        guard effects.answers.count > answersBefore else { return }
        let answer = effects.answers.removeLast().answer
        let position = client.exchanges.count - 1
        if case .redirect(let leader, let authority) = answer {
            redirect(client, to: leader, authority, request, in: buffer)
        } else {
            self.answer(client, at: position, answer)
        }
    }

    private mutating func redirect(
        _ client: ClientConnection, to leader: NodeID, _ authority: [UInt8],
        _ request: HTTP.Request, in buffer: [UInt8]
    ) {
        let encoder = encoder
        client.answer(at: client.exchanges.count - 1) { exchange, output in
            let start = output.count
            encoder.begin(.temporaryRedirect, closing: exchange.closes, into: &output)
            if encoder.location(authority: authority, of: request, in: buffer, into: &output) {
                encoder.field("Tally-Leader", leader.bytes, into: &output)
                encoder.finishEmpty(into: &output)
            } else {
                output.removeSubrange(start...)
                let problem = ProblemDetails(
                    .serviceUnavailable, code: "no-leader",
                    detail: "\(leader) leads, but its HTTP address is no address.")
                Server.render(
                    problem, allow: nil, isHead: exchange.isHead, closes: exchange.closes,
                    with: encoder, into: &output)
            }
        }
        markDirty(client)
    }

    /// Hands out the answers that the replica has for clients.
    mutating func answerClients() {
        guard !effects.answers.isEmpty else { return }
        let answers = effects.answers
        for (request, answer) in answers {
            let number = RequestNumber(request)
            guard let client = client(of: number), let position = client.position(of: number) else {
                continue
            }
            self.answer(client, at: position, answer)
        }
        // The copy above is gone by now, so the room is kept.
        effects.answers.removeAll(keepingCapacity: true)
    }

    private func client(of number: RequestNumber) -> ClientConnection? {
        guard case .client(let client) = seats.occupant(of: number.slot),
            client.token.generation & 0xFF_FFFF == number.generation
        else { return nil }
        return client
    }

    /// Marks a client whose output is to be sent at the end of the turn's step.
    mutating func markDirty(_ client: ClientConnection) {
        guard !client.isDirty else { return }
        client.isDirty = true
        dirtyClients.append(client)
    }

    mutating func flushClients() {
        guard !dirtyClients.isEmpty else { return }
        let clients = dirtyClients
        dirtyClients.removeAll(keepingCapacity: true)
        for client in clients {
            client.isDirty = false
            flush(client)
        }
    }

    private mutating func flush(_ client: ClientConnection) {
        while client.sent < client.output.count {
            let rest = client.sent..<client.output.count
            switch try? client.stream.write(client.output, rest) {
            case .bytes(let count):
                client.sent += count
            case .wouldBlock:
                if !client.interest.contains(.writable) {
                    client.deadline = now + ServerLimits.stalled
                    setInterest(client.interest.union(.writable), of: client)
                }
                return
            case nil:
                return close(client)
            }
        }
        client.output.removeAll(keepingCapacity: client.output.capacity <= ServerLimits.inbox)
        client.sent = 0
        setInterest(client.interest.subtracting(.writable), of: client)
        if case .closing = client.phase, client.exchanges.isEmpty { return linger(client) }
        if !client.unparsed.isEmpty && client.hasRoom { resume(client) }
        updateReading(of: client)
    }

    /// Goes on with requests that were left unread while answers were missing.
    private mutating func resume(_ client: ClientConnection) {
        let unparsed = client.unparsed
        client.unparsed.removeAll(keepingCapacity: true)
        if inbox.count < unparsed.count {
            inbox.append(contentsOf: repeatElement(0, count: unparsed.count - inbox.count))
        }
        inbox.replaceSubrange(0..<unparsed.count, with: unparsed)
        serve(client, through: unparsed.count)
        // What was taken in so late in the turn is seen to in the next, which nothing else may begin.
        mustTurn = true
    }

    private mutating func updateReading(of client: ClientConnection) {
        var interest = client.interest
        if !client.isOpen || client.hasRoom {
            interest.insert(.readable)
        } else {
            interest.remove(.readable)
        }
        if case .closing = client.phase { interest.remove(.readable) }
        setInterest(interest, of: client)
    }

    private mutating func setInterest(_ interest: PollInterest, of client: ClientConnection) {
        guard interest != client.interest else { return }
        client.interest = interest
        try? poller.modify(client.stream.descriptor, token: client.token, interest: interest)
    }

    /// Ends this half and reads on for a while: a reset must not take the last answer away
    /// (RFC 9112 §9.6).
    private mutating func linger(_ client: ClientConnection) {
        let until = now + ServerLimits.linger
        client.phase = .lingering(until: until)
        client.deadline = until
        do { try client.stream.shutdownWrite() } catch { return close(client) }
        updateReading(of: client)
    }

    /// Ends the connections whose time is up.
    mutating func sweepClients() {
        let clients = seats.clients
        for client in clients where now >= client.deadline {
            switch client.phase {
            case .lingering: close(client)
            case .closing: close(client)
            case .open:
                if client.sent < client.output.count {
                    close(client)
                } else if client.isAmidRequest && client.exchanges.isEmpty {
                    refuse(
                        ProblemDetails(
                            .requestTimeout, code: "timeout",
                            detail: "The request was not whole after 10 s."), client)
                } else if client.exchanges.isEmpty {
                    close(client)
                } else {
                    client.deadline = now + ServerLimits.request
                }
            }
        }
        sweepDue = clientCount > 0 ? now + ServerLimits.sweep : .never
    }

    mutating func close(_ client: ClientConnection) {
        try? poller.remove(client.stream.descriptor)
        leave(client)
    }

    private mutating func leave(_ client: ClientConnection) {
        guard case .client(let seated) = seats[client.token], seated === client else { return }
        // What the replica still answers finds nobody; the stream is closed with its last reference.
        seats.leave(client.token)
        client.phase = .closing
        client.unparsed.removeAll()
        clientCount -= 1
    }
}
