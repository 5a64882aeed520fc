import HTTP
import Primitives
import Replica

/// Requests: from bytes to the node, and those that are answered at once.
extension Clients {
    /// Serves the requests in the first bytes of the inbox; what is not whole is kept.
    mutating func serve(
        _ client: ClientConnection, through end: Int, _ core: inout CounterNode
    ) {
        // The loop below changes this value, so it reads from a reference of its own.
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
                serve(request, of: client, in: buffer, isLast: start + consumed == end, &core)
                start += consumed
            case .refused(let fault): refuse(ProblemDetails(fault), client, core)
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
            if !wasAmid || start > 0 { client.deadline = core.now + ServerLimits.request }
        } else if client.isOpen {
            client.deadline = core.now + ServerLimits.idle
        }
        updateReading(of: client)
    }

    /// Answers a fault after which nothing on the connection can be trusted, and closes.
    mutating func refuse(
        _ problem: ProblemDetails, _ client: ClientConnection, _ core: borrowing CounterNode
    ) {
        client.take(
            Exchange(
                page: .read, isSafe: true, wantsJSON: false, isHead: client.parser.isHead,
                closes: true))
        answer(client, at: client.exchanges.count - 1, with: problem)
    }

    private mutating func serve(
        _ request: HTTP.Request, of client: ClientConnection, in buffer: [UInt8], isLast: Bool,
        _ core: inout CounterNode
    ) {
        let route = route(of: request, from: client, in: buffer, core)
        var exchange = Exchange(
            page: .write, isSafe: request.method.isSafe,
            wantsJSON: request.accept.prefersJSON, isHead: request.method == .head,
            closes: !request.keepAlive || client.isSurplus || (core.node.isStopping && isLast))
        switch route {
        case .command(let command):
            exchange.page = command.isRead ? .read : .write
            ask(command, exchange, of: client, request, in: buffer, &core)
        case .conditionalRead(let command, let condition):
            exchange.page = .read
            exchange.condition = condition
            ask(command, exchange, of: client, request, in: buffer, &core)
        case .snapshot:
            exchange.page = .snapshot
            if let problem = refusalOfSnapshot(to: client) {
                client.take(exchange)
                return answer(client, at: client.exchanges.count - 1, with: problem)
            }
            ask(.read, exchange, of: client, request, in: buffer, &core)
        case .ready:
            exchange.page = .readiness
            checkReadiness(exchange, of: client, &core)
        case .options(let allow):
            client.take(exchange)
            answerOptions(client, allow)
        case .status:
            client.take(exchange)
            StatusPage.render(core, uptime: core.now.since(startedAt), into: &page)
            answerPage("application/json", .ok, client)
        case .members:
            client.take(exchange)
            MembersPage(
                members: core.node.members, voters: core.node.voters,
                peers: core.node.peerAddresses, now: core.now
            ).render(into: &page)
            answerPage("application/json", .ok, client)
        case .live:
            client.take(exchange)
            page = Array("ok\n".utf8)
            answerPage("text/plain", .ok, client)
        case .problem(let problem, let allow):
            client.take(exchange)
            answer(client, at: client.exchanges.count - 1, with: problem, allow: allow)
        }
    }

    /// What a request wants, and before that, whether it may want it here and now.
    private func route(
        of request: HTTP.Request, from client: ClientConnection, in buffer: [UInt8],
        _ core: borrowing CounterNode
    ) -> Route {
        if client.isSurplus { return .problem(overload, allow: nil) }
        if !request.method.isSafe,
            let problem = foreignOrigin(of: request, from: client, in: buffer, core)
        {
            return .problem(problem, allow: nil)
        }
        let body = client.parser.body(of: request, in: buffer)
        return Route.find(request, buffer: buffer, body: body)
    }

    /// Puts a request before the node. What is answered at once, such as a redirect, is written while
    /// the request is at hand.
    private mutating func ask(
        _ wanted: ClientRequest, _ exchange: Exchange, of client: ClientConnection,
        _ request: HTTP.Request, in buffer: [UInt8], _ core: inout CounterNode
    ) {
        let id = client.nextRequestID()
        client.take(exchange)
        let reply = core.ask(wanted, id)
        let position = client.exchanges.count - 1
        if reply?.isRedirect ?? core.node.isLeadershipMoving(at: core.now) {
            request.appendLocalTarget(from: buffer, to: &client.exchanges[position].target)
        }
        if let reply { answer(client, at: position, reply, core) }
    }
}

extension ClientRequest {
    fileprivate var isRead: Bool {
        switch self {
        case .read, .staleRead: true
        case .write, .guardedWrite, .transfer: false
        }
    }
}

extension Reply {
    fileprivate var isRedirect: Bool {
        if case .redirect = self { true } else { false }
    }
}
