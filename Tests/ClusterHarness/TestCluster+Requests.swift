import HTTP
import Posix
import Primitives

/// Requests to nodes, each on a connection of its own.
extension TestCluster {
    /// Sends one request and reads its answer.
    ///
    /// - Parameters:
    ///   - target: Path and query, sent as they are.
    ///   - headers: Field lines such as `Accept: application/json`, sent as they are. Host comes by
    ///     itself, and Content-Length where there is a body.
    public func request(
        _ method: Method, _ node: NodeID, _ target: String, headers: [String] = [],
        body: String? = nil, within limit: Timespan = .milliseconds(10_000)
    ) throws -> Response {
        let connection = try RawConnection(to: http(node), within: limit)
        try connection.send(
            RawConnection.request(method, target, headers: headers, body: body), within: limit)
        return try connection.readResponse(to: method, within: limit)
    }

    /// Connects to a node's address for clients.
    public func connect(
        to node: NodeID, within limit: Timespan = .milliseconds(10_000)
    ) throws -> RawConnection {
        try RawConnection(to: http(node), within: limit)
    }

    /// What a node says about itself.
    public func status(
        of node: NodeID, within limit: Timespan = .milliseconds(5_000)
    ) throws -> NodeStatus {
        try NodeStatus(json: request(.get, node, "/status", within: limit).body)
    }

    /// What a node's gossip says of all nodes.
    public func members(
        of node: NodeID, within limit: Timespan = .milliseconds(5_000)
    ) throws -> [MemberPage.Member] {
        try MemberPage(json: request(.get, node, "/members", within: limit).body).members
    }

    /// What `node` has to say of `other`, or nil where it does not know of it.
    public func state(of other: NodeID, at node: NodeID) throws -> String? {
        try members(of: node).first { $0.node == "\(other)" }?.state
    }

    /// Waits until all nodes that turn, but `other` itself, have it in that state.
    ///
    /// - Returns: When the last of them said so.
    @discardableResult
    public func waitUntil(
        _ other: NodeID, is state: String, within limit: Timespan = .milliseconds(20_000)
    ) throws -> Instant {
        for node in ids where node != other && isTurning(node) {
            try Waiting.until(
                "\(node) to have \(other) as \(state)", within: limit,
                holds: { try self.state(of: other, at: node) == state })
        }
        return MonotonicClock.now()
    }

    /// The node that leads the highest term which any node that turns knows of.
    ///
    /// - Throws: `timedOut` where there is none in time.
    public func leader(within limit: Timespan = .milliseconds(10_000)) throws -> NodeID {
        try Waiting.until("a leader", within: limit) { presentLeader() }
    }

    /// Waits until every node that turns knows the leader as such, and gives it.
    public func agreedLeader(within limit: Timespan = .milliseconds(10_000)) throws -> NodeID {
        try Waiting.until("a leader known to all", within: limit) {
            guard let leader = presentLeader() else { return nil }
            for id in ids where isTurning(id) {
                let status = try? status(of: id, within: .milliseconds(500))
                guard status?.leader == "\(leader)" else { return nil }
            }
            return leader
        }
    }

    /// Waits until a node serves linearizable reads.
    ///
    /// - Throws: `timedOut` where it does not in time, with what all nodes say of themselves.
    public func waitUntilReady(
        _ node: NodeID, within limit: Timespan = .milliseconds(10_000)
    ) throws {
        do {
            try Waiting.until(
                "\(node) to be ready", within: limit,
                holds: {
                    (try? request(.get, node, "/readyz", within: limit))?.status == 200
                })
        } catch HarnessError.timedOut(let what) {
            throw HarnessError.timedOut(([what] + ids.map(lastWords)).joined(separator: "\n"))
        }
    }

    /// What a node says of itself now, and the end of what it has told people.
    private func lastWords(of node: NodeID) -> String {
        let page = try? request(.get, node, "/status", within: .milliseconds(500)).text
        let lines = standardError(of: node).split(separator: "\n").suffix(12)
        return "\(node) says \(page ?? "nothing") after\n" + lines.joined(separator: "\n")
    }

    /// Starts what does not run and waits until all nodes are ready; gives the leader.
    @discardableResult
    public func startAllAndSettle(within limit: Timespan = .milliseconds(20_000)) throws -> NodeID {
        try startAll()
        for id in ids { try waitUntilReady(id, within: limit) }
        return try agreedLeader(within: limit)
    }

    private func presentLeader() -> NodeID? {
        var found: (id: NodeID, term: UInt64)?
        var highest: UInt64 = 0
        for id in ids where isTurning(id) {
            guard let status = try? status(of: id, within: .milliseconds(500)) else { continue }
            highest = max(highest, status.term)
            if status.role == "leader", status.term > found?.term ?? 0 { found = (id, status.term) }
        }
        guard let found, found.term == highest else { return nil }
        return found.id
    }
}
