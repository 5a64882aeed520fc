import ClusterHarness
import HTTP
import Testing

private let form = "Content-Type: application/x-www-form-urlencoded"
private let json = "Content-Type: application/json"
private let plain = "Content-Type: text/plain"

/// A write: its target, headers and body.
struct Write: Sendable, CustomTestStringConvertible {
    var target: String
    var headers: [String] = []
    var body: String?

    var testDescription: String { "\(target) \(headers) \(body ?? "")" }
}

extension SharedClusterTests {
    @Suite struct Values {
        @Test(arguments: [
            Write(target: "/set?value=41"),
            Write(target: "/set", headers: [form], body: "value=41"),
            Write(target: "/set", headers: [json], body: "{\"value\":41}"),
            Write(target: "/set", headers: [plain], body: "41"),
            // The same with all that is allowed around it.
            Write(target: "/set?other=7&value=41&more"),
            Write(target: "/set?v%61lue=%34%31"),
            Write(target: "/set?value=041"),
            Write(target: "/set", headers: [form + "; charset=UTF-8"], body: "a=b&value=41"),
            Write(target: "/set?other=7", headers: [json], body: " { \"value\" : 41 }\r\n"),
            Write(target: "/set", headers: ["content-type: TEXT/Plain"], body: "41"),
            Write(target: "/set", headers: [plain, "Content-Encoding: identity"], body: "41"),
        ])
        func comeInFourWays(_ write: Write) throws {
            let (cluster, leader, _) = try Shared.roles()
            let reset = try cluster.request(.post, leader, "/set?value=0")
            #expect(reset.text == "0\n")
            let answer = try cluster.request(
                .post, leader, write.target, headers: write.headers, body: write.body)
            #expect(answer.status == 200)
            #expect(answer.text == "41\n")
        }

        @Test func addTakesTheSameWays() throws {
            let (cluster, leader, _) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=1")
            let answers = [
                try cluster.request(.post, leader, "/add?value=-10"),
                try cluster.request(.post, leader, "/add", headers: [form], body: "value=5"),
                try cluster.request(.post, leader, "/add", headers: [json], body: "{\"value\":5}"),
                try cluster.request(.post, leader, "/add", headers: [plain], body: "-0"),
            ]
            #expect(answers.map(\.text) == ["-9\n", "-4\n", "1\n", "1\n"])
        }

        /// What is no value is `bad-value`; where there is nothing at all it is `missing-value`.
        static let bad: [String] = [
            "%2B5", "+5", "%205", "5%20", "0x10", "1e3", "5.0", "%225%22", "", "-", "--5", "5-",
            "1,000", "%0A5", "5%0D%0A", "%D9%A5", "0b1", "NaN", "5%", "%zz",
            "9223372036854775808", "-9223372036854775809", "99999999999999999999999999",
        ]

        @Test(arguments: bad)
        func badInTheQuery(_ text: String) throws {
            try expectBadValue(Write(target: "/set?value=\(text)"))
            try expectBadValue(Write(target: "/add", headers: [form], body: "value=\(text)"))
        }

        @Test(arguments: [
            "+5", " 5", "5 ", "5\n", "0x10", "1e3", "5.0", "\"5\"", "-", "5;", "٥",
            "9223372036854775808", "value=5", "{\"value\":5}",
        ])
        func badAsText(_ text: String) throws {
            try expectBadValue(Write(target: "/set", headers: [plain], body: text))
        }

        @Test(arguments: [
            "{\"value\":+5}", "{\"value\":0x10}", "{\"value\":1e3}", "{\"value\":5.0}",
            "{\"value\":\"5\"}", "{\"value\":}", "{\"value\":null}", "{\"value\":[5]}",
            "{\"value\":5,\"value\":5}", "{\"value\":5", "[5]", "5", "{\"value\":5}{}",
            "{\"value\":true}", "{\"value\":9223372036854775808}", "{value:5}", "\u{FEFF}",
        ])
        func badAsJSON(_ text: String) throws {
            try expectBadValue(Write(target: "/add", headers: [json], body: text))
        }

        @Test(arguments: [
            Write(target: "/set?value=5&value=5"),
            Write(target: "/set", headers: [form], body: "value=5&value=6"),
            Write(target: "/set?value=5", headers: [form], body: "value=5"),
            Write(target: "/set?value=5", headers: [json], body: "{\"value\":5}"),
            Write(target: "/add?value=5", headers: [plain], body: "5"),
        ])
        func badTwice(_ write: Write) throws { try expectBadValue(write) }

        @Test(arguments: [
            Write(target: "/set"), Write(target: "/add?"), Write(target: "/add?Value=5"),
            Write(target: "/set?other=5"), Write(target: "/set", headers: [form], body: ""),
            Write(target: "/set", headers: [form], body: "other=5"),
            Write(target: "/set", headers: [json], body: "{}"),
        ])
        func missing(_ write: Write) throws { try expectRefusal(write, 400, "missing-value") }

        @Test(arguments: [
            Write(target: "/set", body: "5"),
            Write(target: "/set", headers: ["Content-Type: text/html"], body: "5"),
            Write(target: "/set", headers: ["Content-Type: nonsense"], body: "5"),
            Write(target: "/add?value=5", headers: ["Content-Type: image/png"], body: "5"),
            Write(target: "/set", headers: [plain, "Content-Encoding: gzip"], body: "5"),
            Write(
                target: "/set", headers: ["Content-Type: multipart/form-data; boundary=x"],
                body: "value=5"),
        ])
        func unsupportedMediaTypes(_ write: Write) throws {
            try expectRefusal(write, 415, "unsupported-media-type")
        }

        /// What is told names what to change.
        @Test(arguments: [
            (json, #"{"value":5,"x":null}"#, #"unknown key "x""#),
            (json, #"{"value":5,"value":6}"#, #""value" stands in the JSON more than once"#),
            (form, #"{"value":5}"#, "Content-Type: application/json"),
            (form, "5", "Content-Type: text/plain"),
            (plain, #"{"value":5}"#, "Content-Type: application/json"),
            ("X: y", "5", "Content-Type"),
        ])
        func areRefusedWithTheirReason(_ header: String, _ body: String, _ reason: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                let answer = try cluster.request(.post, node, "/set", headers: [header], body: body)
                #expect([400, 415].contains(answer.status))
                guard case .string(let detail) = try JSONTree(answer.body).members["detail"] else {
                    Issue.record("\(answer.text) has no detail")
                    return
                }
                #expect(detail.contains(reason), "\(detail)")
            }
        }

        @Test func reachTheBoundsOfInt64() throws {
            let (cluster, leader, follower) = try Shared.roles()
            for bound in [Int64.max, Int64.min] {
                let written = try cluster.request(.post, leader, "/set?value=\(bound)")
                #expect(written.text == "\(bound)\n")
                let read = try cluster.request(.get, follower, "/get")
                #expect(read.text == "\(bound)\n")
                let sum = try cluster.request(.post, leader, "/add?value=0")
                #expect(sum.text == "\(bound)\n")
            }
        }

        @Test func overflowsAreAnsweredAndChangeNothingAnywhere() throws {
            let (cluster, leader, _) = try Shared.roles()
            for (bound, step) in [(Int64.max, "1"), (Int64.min, "-9223372036854775808")] {
                _ = try cluster.request(.post, leader, "/set?value=\(bound)")
                let before = try cluster.request(.get, leader, "/get")
                let answer = try cluster.request(.post, leader, "/add?value=\(step)")
                try expectProblem(answer, 422, "overflow")
                for node in cluster.ids {
                    let after = try cluster.request(.get, node, "/get")
                    #expect(after.text == "\(bound)\n")
                    // It took its place in the log, and was no change.
                    let was = try #require(before["Tally-Index"].flatMap { UInt64($0) })
                    #expect(try #require(after["Tally-Index"].flatMap { UInt64($0) }) > was)
                    #expect(after["ETag"] == before["ETag"])
                }
            }
        }

        private func expectBadValue(_ write: Write) throws {
            try expectRefusal(write, 400, "bad-value")
        }

        /// Every node refuses alike, and the connection goes on.
        private func expectRefusal(_ write: Write, _ status: Int, _ code: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader)
            for node in [leader, follower] {
                let connection = try cluster.connect(to: node)
                try connection.send(
                    RawConnection.request(
                        .post, write.target, headers: write.headers, body: write.body))
                let answer = try connection.readResponse(to: .post)
                try expectProblem(answer, status, code)
                try connection.send(RawConnection.request(.get, "/livez"))
                #expect(try connection.readResponse().status == 200)
            }
            #expect(try cluster.status(of: leader).value == before.value)
        }
    }
}
