import ClusterHarness
import HTTP
import Primitives
import Testing

/// A key that no other test has.
func freshKey(_ name: String = #function, line: Int = #line) -> String {
    "\(name.filter { $0.isLetter })-\(line)"
}

extension SharedClusterTests {
    /// `Idempotency-Key`: a write is carried out once, and its first answer comes again.
    @Suite struct IdempotencyKeys {
        @Test func theFirstAnswerComesAgain() throws {
            let (cluster, leader, _) = try Shared.roles()
            let key = "Idempotency-Key: \(freshKey())"
            _ = try cluster.request(.post, leader, "/set?value=10")
            let first = try cluster.request(.post, leader, "/add?value=5", headers: [key])
            #expect(first.status == 200 && first.text == "15\n")
            #expect(first["Tally-Replayed"] == nil)
            // What happens in between changes nothing about it.
            _ = try cluster.request(.post, leader, "/set?value=100")
            for target in ["/add?value=5", "/add?value=005"] {
                let again = try cluster.request(.post, leader, target, headers: [key])
                #expect(again.status == 200 && again.text == "15\n")
                #expect(again["Tally-Replayed"] == "true")
                #expect(again["Tally-Index"] == first["Tally-Index"])
                #expect(again["Tally-Term"] == first["Tally-Term"])
                #expect(again["Tally-Node"] == "\(leader)")
            }
            #expect(try cluster.request(.get, leader, "/get").text == "100\n")
        }

        @Test func jsonSaysWhetherItIsAReplay() throws {
            let (cluster, leader, _) = try Shared.roles()
            let headers = ["Idempotency-Key: \(freshKey())", "Accept: application/json"]
            let first = try cluster.request(.post, leader, "/set?value=3", headers: headers)
            let again = try cluster.request(.post, leader, "/set?value=3", headers: headers)
            let (index, term) = (first["Tally-Index"] ?? "", first["Tally-Term"] ?? "")
            let frame = #"{"value":3,"index":\#(index),"term":\#(term),"replayed":"#
            #expect(first.text == frame + "false}\n")
            #expect(again.text == frame + "true}\n")
        }

        @Test func oneWriteTwiceOnOneConnection() throws {
            let (cluster, leader, _) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=0")
            let write = RawConnection.request(
                .post, "/add?value=7", headers: ["Idempotency-Key: \(freshKey())"])
            let connection = try cluster.connect(to: leader)
            try connection.send(write + write)
            let answers = try (0..<2).map { _ in try connection.readResponse(to: .post) }
            #expect(answers.map(\.text) == ["7\n", "7\n"])
            #expect(answers.map { $0["Tally-Replayed"] } == [nil, "true"])
        }

        /// A redirect is the same with a key, which is sent again and is no part of Location.
        @Test func aKeyGoesThroughAnyNode() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let headers = ["Idempotency-Key: \(freshKey())", "Tally-First-Index: 1"]
            _ = try cluster.request(.post, leader, "/set?value=0")
            let sent = try cluster.request(.post, follower, "/add?value=4", headers: headers)
            #expect(sent.status == 307)
            #expect(sent["Location"] == "http://\(cluster.http(leader))/add?value=4")
            let first = try cluster.request(.post, leader, "/add?value=4", headers: headers)
            #expect(first.text == "4\n" && first["Tally-Replayed"] == nil)
        }

        @Test func aKeyOutlivesItsLeader() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let headers = ["Idempotency-Key: \(freshKey())"]
            _ = try cluster.request(.post, leader, "/set?value=0")
            let first = try cluster.request(.post, leader, "/add?value=9", headers: headers)
            let moved = try cluster.request(.post, leader, "/leader?node=\(follower)")
            #expect(moved.status == 200)
            let next = try cluster.agreedLeader()
            #expect(next != leader)
            let again = try cluster.request(.post, next, "/add?value=9", headers: headers)
            #expect(again.text == "9\n" && again["Tally-Replayed"] == "true")
            #expect(again["Tally-Index"] == first["Tally-Index"])
            #expect(again["Tally-Term"] == first["Tally-Term"])
            #expect(again["Tally-Node"] == "\(next)")
            #expect(try cluster.request(.get, next, "/get").text == "9\n")
        }

        @Test func anOverflowComesAgain() throws {
            let (cluster, leader, _) = try Shared.roles()
            let headers = ["Idempotency-Key: \(freshKey())"]
            _ = try cluster.request(.post, leader, "/set?value=\(Int64.max)")
            let first = try cluster.request(.post, leader, "/add?value=1", headers: headers)
            // There is room now, and still it is what it was.
            _ = try cluster.request(.post, leader, "/set?value=0")
            let again = try cluster.request(.post, leader, "/add?value=1", headers: headers)
            for (answer, isReplay) in [(first, false), (again, true)] {
                try expectProblem(answer, 422, "overflow", isReplay: isReplay)
                #expect(answer["Tally-Index"] == first["Tally-Index"])
                #expect(answer["Tally-Term"] == first["Tally-Term"])
                #expect(answer["Tally-Node"] == "\(leader)")
            }
            #expect(first["Tally-Index"] != nil)
            #expect(again.text == #"\#(first.text.dropLast()),"replayed":true}"#)
            #expect(try cluster.request(.get, leader, "/get").text == "0\n")
        }

        @Test func anotherCommandUnderAKeyIsRefused() throws {
            let (cluster, leader, _) = try Shared.roles()
            let key = "Idempotency-Key: \(freshKey())"
            let first = try cluster.request(.post, leader, "/set?value=21", headers: [key])
            let index = try #require(first["Tally-Index"])
            for (target, headers) in [
                ("/set?value=22", []), ("/add?value=21", []),
                ("/set?value=21", ["If-Match: \"\(index)\""]),
            ] {
                let answer = try cluster.request(.post, leader, target, headers: [key] + headers)
                try expectProblem(answer, 422, "key-reused", "\(target) \(headers)")
                #expect(answer["Tally-Replayed"] == nil && answer.keepAlive)
            }
            #expect(try cluster.request(.get, leader, "/get").text == "21\n")
            // The key is still the first command's.
            let again = try cluster.request(.post, leader, "/set?value=21", headers: [key])
            #expect(again.status == 200 && again["Tally-Replayed"] == "true")
        }

        /// What was seen at each try is not part of the command.
        @Test func theFirstIndexMayDiffer() throws {
            let (cluster, leader, _) = try Shared.roles()
            let key = "Idempotency-Key: \(freshKey())"
            let answers = try ["1", "000", "18446744073709551615"].map { index in
                try cluster.request(
                    .post, leader, "/add?value=1", headers: [key, "Tally-First-Index: \(index)"])
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(answers.map { $0["Tally-Replayed"] } == [nil, "true", "true"])
        }

        @Test(arguments: [
            "!", "~", "\"quoted\"", "a,b;c=d", String(repeating: "k", count: 64),
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ])
        func whatIsAKey(_ key: String) throws {
            let (cluster, leader, _) = try Shared.roles()
            let headers = ["Idempotency-Key:  \(key)\t"]
            for replayed in [nil, "true"] {
                let answer = try cluster.request(.post, leader, "/set?value=1", headers: headers)
                #expect(answer.status == 200 && answer["Tally-Replayed"] == replayed)
            }
        }

        @Test(arguments: [
            ["Idempotency-Key:"], ["Idempotency-Key:   "], ["Idempotency-Key: a b"],
            ["Idempotency-Key: k\u{E9}y"], ["Idempotency-Key: a\tb"],
            ["Idempotency-Key: " + String(repeating: "k", count: 65)],
            ["Idempotency-Key: k", "Tally-First-Index: x"],
            ["Idempotency-Key: k", "Tally-First-Index:"],
            ["Idempotency-Key: k", "Tally-First-Index: -1"],
            ["Idempotency-Key: k", "Tally-First-Index: 1, 2"],
            ["Idempotency-Key: k", "Tally-First-Index: 18446744073709551616"],
            ["Tally-First-Index: 1"],
        ])
        func whatIsNone(_ headers: [String]) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                for target in ["/set?value=9", "/add?value=9"] {
                    let answer = try cluster.request(.post, node, target, headers: headers)
                    try expectProblem(answer, 400, "bad-request")
                    #expect(answer.keepAlive)
                }
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        @Test(arguments: ["Idempotency-Key", "Tally-First-Index"])
        func twoAreOneTooMany(_ name: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let other = "Idempotency-Key: \(freshKey())"
            for node in [leader, follower] {
                let headers = [other, "\(name): 7", "\(name.lowercased()): 7"]
                let answer = try cluster.request(.post, node, "/set?value=9", headers: headers)
                try expectProblem(answer, 400, "bad-request")
                #expect(!answer.keepAlive)
            }
        }

        @Test func readsAndTransfersHaveNoKeys() throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                for (method, target) in [
                    (Method.get, "/get"), (.get, "/get?consistency=stale"), (.get, "/status"),
                    (.get, "/members"), (.get, "/livez"), (.get, "/readyz"), (.post, "/leader"),
                ] {
                    let answer = try cluster.request(
                        method, node, target, headers: ["Idempotency-Key: k"])
                    try expectProblem(answer, 501, "not-supported", "\(target)")
                }
            }
        }
    }
}
