import HTTP
import Primitives
import Replica

/// Requests: from bytes to the replica, and those that are answered at once.
extension Server {
    /// Serves the requests in the first bytes of the inbox; what is not whole is kept.
    mutating func serve(_ client: ClientConnection, through end: Int) {
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
                serve(request, of: client, in: buffer, isLast: start + consumed == end)
                start += consumed
            case .refused(let fault): refuse(ProblemDetails(fault), client)
            }
        }
        if client.takesRequests { client.unparsed.append(contentsOf: buffer[start..<end]) }
        let wasAmid = client.isAmidRequest
        // An empty line behind a body is not the beginning of a request.
        client.isAmidRequest =
            client.takesRequests && start < end && !client.parser.isBetweenRequests
        if client.isSurplus {
            // It has no more time than it was given at first.
        } else if client.isAmidRequest {
            if !wasAmid || start > 0 { client.deadline = now + ServerLimits.request }
        } else if client.isOpen {
            client.deadline = now + ServerLimits.idle
        }
        updateReading(of: client)
    }

    /// Answers a fault after which nothing on the connection can be trusted, and closes.
    mutating func refuse(_ problem: ProblemDetails, _ client: ClientConnection) {
        client.take(
            Exchange(
                page: .read, isSafe: true, wantsJSON: false, isHead: client.parser.isHead,
                closes: true))
        answer(client, at: client.exchanges.count - 1, problem)
    }

    private mutating func serve(
        _ request: HTTP.Request, of client: ClientConnection, in buffer: [UInt8], isLast: Bool
    ) {
        let route = route(of: request, from: client, in: buffer)
        var exchange = Exchange(
            page: .write, isSafe: request.method.isSafe,
            wantsJSON: request.accept.prefersJSON, isHead: request.method == .head,
            closes: !request.keepAlive || client.isSurplus || (replica.isStopping && isLast))
        switch route {
        case .command(let command):
            if command == .get || command == .staleGet { exchange.page = .read }
            ask(command, exchange, of: client, request, in: buffer)
        case .conditionalRead(let command, let condition):
            exchange.page = .read
            exchange.condition = condition
            ask(command, exchange, of: client, request, in: buffer)
        case .ready:
            exchange.page = .readiness
            checkReadiness(exchange, of: client)
        case .options(let allow):
            client.take(exchange)
            answerOptions(client, allow)
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

    /// What a request wants, and before that, whether it may want it here and now.
    private func route(
        of request: HTTP.Request, from client: ClientConnection, in buffer: [UInt8]
    ) -> Route {
        if client.isSurplus { return .problem(overload, allow: nil) }
        if !request.method.isSafe,
            let problem = foreignOrigin(of: request, from: client, in: buffer)
        {
            return .problem(problem, allow: nil)
        }
        let body = client.parser.body(of: request, in: buffer)
        return Route.find(request, buffer: buffer, body: body)
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
        let position = client.exchanges.count - 1
        let answer =
            effects.answers.count > answersBefore ? effects.answers.removeLast().answer : nil
        if answer?.isRedirect ?? replica.isLeadershipMoving(at: now) {
            request.appendLocalTarget(from: buffer, to: &client.exchanges[position].target)
        }
        if let answer { self.answer(client, at: position, answer) }
    }
}

extension Replica.Answer {
    fileprivate var isRedirect: Bool {
        if case .redirect = self { true } else { false }
    }
}
