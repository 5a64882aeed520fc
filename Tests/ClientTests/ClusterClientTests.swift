import Configuration
import Primitives
import Testing

@testable import Client

/// Commands against servers that do what a script says.
@Suite struct ClusterClientTests {
    /// Little of it, so that giving up takes a moment.
    private var timeouts: CallTimeouts {
        var timeouts = CallTimeouts()
        timeouts.firstBackoff = .milliseconds(1)
        timeouts.longestBackoff = .milliseconds(5)
        return timeouts
    }

    private func client(
        _ addresses: [Address], _ timeouts: CallTimeouts? = nil
    ) throws -> ClusterClient {
        try ClusterClient(addresses, timeouts: timeouts ?? self.timeouts)
    }

    @Test func `a read asks for the value`() throws {
        let server = try ScriptedServer([.value(-7), .value(8)])
        let client = try client([server.address])
        #expect(client.get() == .value(-7))
        #expect(client.get(stale: true) == .value(8))
        let targets = server.requests.map { $0.split(separator: " ")[1] }
        #expect(targets == ["/get", "/get?consistency=stale"])
        #expect(server.requests[0].hasPrefix("GET /get HTTP/1.1\r\nHost: \(server.address)\r\n"))
    }

    @Test func `a write says its value in a form`() throws {
        let server = try ScriptedServer([.status, .value(5), .status, .value(.min)])
        let client = try client([server.address])
        #expect(client.add(5) == .value(5))
        #expect(client.set(.min) == .value(.min))
        #expect(server.requests[1].hasPrefix("POST /add HTTP/1.1\r\n"))
        #expect(server.requests[1].contains("Content-Type: application/x-www-form-urlencoded\r\n"))
        #expect(server.requests[1].hasSuffix("\r\n\r\nvalue=5"))
        #expect(server.requests[3].hasPrefix("POST /set HTTP/1.1\r\n"))
        #expect(server.requests[3].hasSuffix("\r\n\r\nvalue=-9223372036854775808"))
    }

    @Test func `a redirect is followed with method and body`() throws {
        let leader = try ScriptedServer([.value(12)])
        let follower = try ScriptedServer([.status, .redirect("\(leader.url)/add?from=n2")])
        #expect(try client([follower.address]).add(12) == .value(12))
        let request = leader.requests[0]
        #expect(request.hasPrefix("POST /add?from=n2 HTTP/1.1\r\nHost: \(leader.address)\r\n"))
        #expect(request.hasSuffix("\r\n\r\nvalue=12"))
    }

    @Test func `five redirects in a row are followed and not six`() throws {
        // The port has to be known before the script that points to it.
        let port = try ScriptedServer.deserted().port
        let around = ScriptedServer.Act.redirect("http://127.0.0.1:\(port)/set")
        let five = Array(repeating: around, count: 5)
        let server = try ScriptedServer(
            [.status] + five + [.value(1), .status] + five + [around], port: port)
        let other = try ScriptedServer([.value(9)])
        let client = try client([server.address, other.address])
        #expect(client.set(1) == .value(1))
        #expect(client.set(9) == .value(9))
        #expect(server.requests.count == 14)
    }

    @Test(arguments: ["ftp://127.0.0.1:1/set", "/set", "https://127.0.0.1:1/set", "http://", ""])
    func `a redirect to elsewhere than http is not followed`(location: String) throws {
        let server = try ScriptedServer([.status, .redirect(location), .value(4)])
        #expect(try client([server.address]).set(4) == .value(4))
        #expect(server.requests.count == 3)
    }

    @Test func `a write that was refused as not applied is sent again`() throws {
        let server = try ScriptedServer([
            .status, .problem("503 Service Unavailable", "no-leader"),
            .problem("503 Service Unavailable", "superseded"), .value(5),
        ])
        #expect(try client([server.address]).add(5) == .value(5))
        #expect(server.requests.count == 4)
    }

    @Test func `a node that refuses connections is passed over`() throws {
        let server = try ScriptedServer([.status, .value(5)])
        #expect(try client([ScriptedServer.deserted(), server.address]).add(5) == .value(5))
    }

    @Test func `a redirect to a node that can't be reached is no loss`() throws {
        let dead = try ScriptedServer.deserted()
        let server = try ScriptedServer([.status, .redirect("http://\(dead)/add"), .value(6)])
        #expect(try client([server.address]).add(6) == .value(6))
    }

    /// A node of an earlier version answers 501 to a key: from then on a write is sent once.
    @Test(arguments: [
        ScriptedServer.Act.answer(""), .answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n5\n"),
        .answer("SSH-2.0-OpenSSH_9.6\r\n"), .page("200 OK", "text/html", "<p>hello</p>"),
        .problem("504 Gateway Timeout", "unknown-outcome", outcome: "unknown"),
        .page("503 Service Unavailable", "text/html", "a proxy's page"),
        .page("502 Bad Gateway", "text/html", ""),
        .problem("503 Service Unavailable", "no-leader", outcome: "unknown"),
    ])
    func `a write without a key that may have arrived is never repeated`(
        act: ScriptedServer.Act
    ) throws {
        let server = try ScriptedServer([.status, .unsupported, act])
        let other = try ScriptedServer([.value(1)])
        let answer = try client([server.address, other.address]).add(1)
        guard case .unknown(let why) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(why.hasPrefix("\(server.address): "))
        #expect(other.requests.isEmpty)
        #expect(
            server.requests.suffix(2).map { $0.contains("Idempotency-Key: ") } == [true, false])
        #expect(!server.requests[2].contains("Tally-First-Index"))
    }

    @Test func `a write without an answer in time is unknown`() throws {
        var timeouts = timeouts
        timeouts.response = .milliseconds(200)
        timeouts.overall = .milliseconds(1_000)
        let server = try ScriptedServer([.status, .silence])
        #expect(
            try client([server.address], timeouts).set(1)
                == .unknown("\(server.address): no answer in time"))
    }

    @Test(arguments: [
        ScriptedServer.Act.answer(""), .hangUp,
        .answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n5\n"),
        .problem("504 Gateway Timeout", "unknown-outcome", outcome: "unknown"),
        .page("503 Service Unavailable", "text/html", "a proxy's page"),
        .page("200 OK", "text/plain", "+5\n"),
    ])
    func `a read is repeated at the next node`(act: ScriptedServer.Act) throws {
        let server = try ScriptedServer([act])
        let other = try ScriptedServer([.value(2)])
        #expect(try client([server.address, other.address]).get() == .value(2))
    }

    @Test(arguments: ["422 Unprocessable Content", "400 Bad Request", "403 Forbidden"])
    func `what the cluster refuses is not repeated`(status: String) throws {
        let server = try ScriptedServer([.status, .problem(status, "overflow")])
        #expect(
            try client([server.address]).add(.max)
                == .refused("\(server.address): so it is", code: "overflow"))
    }

    @Test func `a cluster of which nobody answers is unreachable`() throws {
        var timeouts = timeouts
        timeouts.unreachable = .zero
        let nobody = try ScriptedServer.deserted()
        #expect(
            try client([nobody], timeouts).add(1)
                == .unreachable("\(nobody): Connection refused"))
    }

    @Test func `refusals until the timeout end with not applied`() throws {
        var timeouts = timeouts
        // Time enough for the one answer; then nobody listens any more.
        timeouts.overall = .milliseconds(2_000)
        let server = try ScriptedServer([.status, .problem("503 Service Unavailable", "forming")])
        #expect(
            try client([server.address], timeouts).set(1)
                == .notApplied("\(server.address): so it is"))
    }

    @Test func `a command ends with its time, whoever is silent`() throws {
        var timeouts = timeouts
        timeouts.overall = .milliseconds(600)
        timeouts.response = .milliseconds(3_600_000)
        let server = try ScriptedServer([.status, .silence])
        #expect(
            try client([server.address], timeouts).set(1)
                == .unknown("\(server.address): no answer in time"))
    }

    @Test func `an answer in JSON is kept`() throws {
        let body = #"{"value":12,"index":7,"term":2,"replayed":false}"#
        let server = try ScriptedServer([
            .status, .page("200 OK", "application/json", body + "\n"),
        ])
        guard case .value(12, let document?) = try client([server.address]).add(5) else {
            Issue.record("no value")
            return
        }
        #expect(document.line == body)
        #expect(server.requests[1].contains("Accept: application/json, text/plain;q=0.5\r\n"))
    }

    @Test func `names are looked up`() throws {
        let server = try ScriptedServer([.value(3)])
        let named = try Address("localhost:\(server.address.port)")
        #expect(try client([named]).get() == .value(3))
    }

    @Test func `words of strangers can't steer a terminal`() throws {
        let server = try ScriptedServer([
            .status,
            .page(
                "422 Unprocessable Content", "application/problem+json",
                #"{"detail":"\u001b[2Jgone\n","outcome":"not-applied"}"#),
        ])
        #expect(try client([server.address]).add(1) == .refused("\(server.address):  [2Jgone "))
    }

    @Test func `status asks every node and reports the silent`() throws {
        let document = """
            { "node": "n1", "cluster": "example", "role": "leader", "term": 3, "leader": "n1",
              "commit": 10, "applied": 9, "value": -5, "peers": [] }
            """
        let server = try ScriptedServer([.page("200 OK", "application/json", document)])
        let stranger = try ScriptedServer([.page("200 OK", "application/json", "{}")])
        let dead = try ScriptedServer.deserted()
        let reports = try client([server.address, dead, stranger.address]).status()
        #expect(reports.map(\.address) == [server.address, dead, stranger.address])
        guard case .answered(let status, let json) = reports[0].result else {
            Issue.record("\(reports[0])")
            return
        }
        let expected = NodeStatus(
            node: "n1", role: "leader", term: 3, leader: "n1", commit: 10, applied: 9, value: -5)
        #expect(status == expected)
        #expect(json["cluster"]?.text == "example")
        #expect(reports[1].result == .silent("Connection refused"))
        #expect(reports[2].result == .silent("it answers 200, but not as a node of Tally"))
    }
}
