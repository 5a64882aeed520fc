import Configuration
import Primitives
import Testing

@testable import Client

/// Writes whose idempotency key makes them safe to send again.
@Suite struct KeyedWriteTests {
    private func client(
        _ addresses: [Address], overall: Timespan = .milliseconds(1_500)
    ) throws -> ClusterClient {
        var timeouts = CallTimeouts()
        timeouts.firstBackoff = .milliseconds(1)
        timeouts.longestBackoff = .milliseconds(5)
        timeouts.overall = overall
        return try ClusterClient(addresses, timeouts: timeouts)
    }

    private func field(_ name: String, of request: String) -> String? {
        let lines = request.split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix("\(name): ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }

    private func keys(_ requests: [String]) -> [String] {
        requests.compactMap { field("Idempotency-Key", of: $0) }
    }

    /// What leaves a write without a key in doubt.
    static let doubts: [ScriptedServer.Act] = [
        .answer(""), .answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n5\n"), .silence,
        .problem("504 Gateway Timeout", "unknown-outcome", outcome: "unknown"),
        .page("502 Bad Gateway", "text/html", ""),
    ]

    @Test(arguments: doubts)
    func `a write is sent again under its key until it is answered`(
        doubt: ScriptedServer.Act
    ) throws {
        let first = try ScriptedServer([.status(commit: 70), doubt])
        let second = try ScriptedServer([
            .problem("503 Service Unavailable", "no-leader"), .value(6),
        ])
        #expect(try client([first.address, second.address]).add(1) == .value(6))
        let tries = first.requests.dropFirst() + second.requests
        #expect(tries.count == 3)
        #expect(tries.allSatisfy { field("Tally-First-Index", of: $0) == "70" })
        let all = keys(Array(tries))
        #expect(all.count == 3 && Set(all).count == 1)
        #expect(all[0].count == 32)
    }

    @Test func `each write has a key of its own`() throws {
        let server = try ScriptedServer([.status, .value(1), .status, .value(2)])
        let client = try client([server.address])
        #expect(client.add(1) == .value(1) && client.add(1) == .value(2))
        #expect(Set(keys(server.requests)).count == 2)
    }

    @Test func `the index of an earlier answer saves the question`() throws {
        let answer = ScriptedServer.Act.answer(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTally-Index: 41\r\n"
                + "Content-Length: 2\r\n\r\n5\n")
        let server = try ScriptedServer([answer, .value(6)])
        let client = try client([server.address])
        #expect(client.get() == .value(5))
        #expect(client.add(1) == .value(6))
        #expect(field("Tally-First-Index", of: server.requests[1]) == "41")
    }

    @Test func `a key follows a redirect`() throws {
        let leader = try ScriptedServer([.value(12)])
        let follower = try ScriptedServer([.status, .redirect("\(leader.url)/add")])
        #expect(try client([follower.address]).add(12) == .value(12))
        #expect(keys(leader.requests) == keys(follower.requests))
        #expect(keys(leader.requests).count == 1)
    }

    @Test(arguments: ["overflow", "precondition-failed", "key-reused"])
    func `what is found under a key is the answer to all tries`(code: String) throws {
        let server = try ScriptedServer([
            .status, .answer(""), .problem("422 Unprocessable Content", code),
        ])
        #expect(
            try client([server.address]).add(1)
                == .refused("\(server.address): so it is", code: code))
    }

    /// A refusal that is not the log's speaks for its own try alone.
    @Test(arguments: [
        ("403 Forbidden", "foreign-origin"), ("409 Conflict", "key-expired"),
        ("501 Not Implemented", "not-supported"),
    ])
    func `a write in doubt stays so where no key was looked at`(
        status: String, code: String
    ) throws {
        let server = try ScriptedServer([.status, .answer(""), .problem(status, code)])
        let answer = try client([server.address]).add(1)
        guard case .unknown = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(server.requests.count == 3)
    }

    @Test func `a write in doubt is unknown when time is up`() throws {
        let server = try ScriptedServer([.status, .answer("")])
        #expect(
            try client([server.address]).add(1)
                == .unknown("\(server.address): the connection ended before the answer did"))
    }

    /// Nothing was in doubt: with a newer index the write is as good as new.
    @Test func `an index seen too long ago is learned anew`() throws {
        let server = try ScriptedServer([
            .status(commit: 5), .problem("409 Conflict", "key-expired"), .status(commit: 90_000),
            .value(7),
        ])
        #expect(try client([server.address]).add(1) == .value(7))
        #expect(field("Tally-First-Index", of: server.requests[3]) == "90000")
    }

    @Test func `a condition goes with every try`() throws {
        let server = try ScriptedServer([
            .status, .problem("503 Service Unavailable", "no-leader"),
            .problem("412 Precondition Failed", "precondition-failed"),
        ])
        #expect(
            try client([server.address]).set(3, ifIndex: 17)
                == .refused("\(server.address): so it is", code: "precondition-failed"))
        #expect(server.requests[1...].allSatisfy { field("If-Match", of: $0) == "\"17\"" })
    }

    @Test func `a condition that nodes don't know is refused`() throws {
        let server = try ScriptedServer([.status, .unsupported, .unsupported])
        #expect(
            try client([server.address]).set(3, ifIndex: 17)
                == .refused("\(server.address): so it is", code: "not-supported"))
    }

    @Test(arguments: ["overflow", "precondition-failed"])
    func `a refusal that is a replay says so`(code: String) throws {
        let body =
            #"{"detail":"so it was","code":"\#(code)","outcome":"not-applied","replayed":true}"#
        let server = try ScriptedServer([
            .status, .answer(""),
            .page("422 Unprocessable Content", "application/problem+json", body),
        ])
        #expect(
            try client([server.address]).add(1)
                == .refused("\(server.address): so it was", code: code, isReplay: true))
    }

    /// A cluster that was founded just now knows keys a moment later.
    @Test func `a node without keys is no reason to do without for good`() throws {
        let server = try ScriptedServer([
            .status, .unsupported, .problem("503 Service Unavailable", "no-leader"), .answer(""),
            .value(7),
        ])
        #expect(try client([server.address]).add(1) == .value(7))
        let tries = server.requests.dropFirst().map { field("Idempotency-Key", of: $0) }
        #expect(tries.map { $0 == nil } == [false, true, false, false])
        #expect(Set(keys(server.requests)).count == 1)
    }

    /// Each try takes more than the third of the whole time after which a silent node is left.
    @Test func `a cluster that is slow as a whole gets to answer`() throws {
        let time = Timespan.milliseconds(1_200)
        let first = try ScriptedServer([.status, .value(5, after: time)])
        let second = try ScriptedServer([.value(5, after: time)])
        let client = try client([first.address, second.address], overall: .milliseconds(3_000))
        #expect(client.add(1) == .value(5))
        #expect(first.requests.count == 2 && second.requests.count == 1)
    }

    @Test func `the only node is waited for`() throws {
        let server = try ScriptedServer([.status, .value(5, after: .milliseconds(1_200))])
        let client = try client([server.address], overall: .milliseconds(3_000))
        #expect(client.add(1) == .value(5))
        #expect(server.requests.count == 2)
    }

    /// Where something else than a node answers for `/status`, such as a proxy.
    @Test func `without an index there is no key`() throws {
        let server = try ScriptedServer([.page("404 Not Found", "text/html", ""), .value(3)])
        #expect(try client([server.address]).add(3) == .value(3))
        #expect(keys(server.requests).isEmpty)
    }

    @Test func `the index is asked for at the next node where one is silent`() throws {
        let silent = try ScriptedServer([.hangUp])
        let server = try ScriptedServer([.status, .value(3)])
        #expect(try client([silent.address, server.address]).add(3) == .value(3))
        #expect(silent.requests.isEmpty)
    }
}
