import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    /// If-Match on `/set` (RFC 9110 §13.1.1), decided where the entry is applied.
    @Suite struct ConditionalWrites {
        private func index(of answer: Response) throws -> UInt64 {
            try #require(answer["Tally-Index"].flatMap { UInt64($0) })
        }

        @Test(arguments: ["\"I\"", "\"1\", \"I\"", ", \"x,y\",W/\"2\"\t,\"I\",", "*"])
        func aSetTakesEffectWhereTheLastChangeMatches(_ pattern: String) throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/add?value=0"))
            let value = pattern.replacing("I", with: "\(change)")
            let answer = try cluster.request(
                .post, leader, "/set?value=50", headers: ["If-Match: \(value)"])
            #expect(answer.status == 200 && answer.text == "50\n")
            #expect(try index(of: answer) > change)
            #expect(try cluster.request(.get, leader, "/get").text == "50\n")
        }

        /// Neither another number, nor a weak tag, nor a tag that is no number as nodes write one.
        @Test(arguments: [
            "\"1\"", "W/\"I\"", "\"0I\"", "\"+I\"", "", "\"\"", "\"1\", W/\"I\", \"x\"",
            "\"18446744073709551615\"",
        ])
        func elseItIsRefusedWithWhatThereIs(_ pattern: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=51"))
            let value = pattern.replacing("I", with: "\(change)")
            let answer = try cluster.request(
                .post, leader, "/set?value=52", headers: ["If-Match: \(value)"])
            try expectProblem(answer, 412, "precondition-failed")
            #expect(answer.keepAlive)
            #expect(answer["ETag"] == "\"\(change)\"")
            // It took its place in the log, and was no change.
            #expect(try index(of: answer) > change)
            #expect(answer["Tally-Term"] != nil && answer["Tally-Node"] == "\(leader)")
            #expect(answer["Tally-Replayed"] == nil)
            guard case .string(let detail) = try JSONTree(answer.body).members["detail"] else {
                Issue.record("\(answer.text) has no detail")
                return
            }
            #expect(detail.contains("51") && detail.contains("\(change)"), "\(detail)")
            for node in [leader, follower] {
                let read = try cluster.request(.get, node, "/get")
                #expect(read.text == "51\n" && read["ETag"] == "\"\(change)\"")
            }
        }

        /// Several fields are one list (RFC 9110 §5.3).
        @Test func fieldsAreOneList() throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=1"))
            let answer = try cluster.request(
                .post, leader, "/set?value=2",
                headers: ["If-Match: \"1\"", "if-match: \"\(change)\""])
            #expect(answer.status == 200)
        }

        @Test func sixteenTagsAreTheMost() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=1"))
            let fifteen = (1...15).map { "\"x\($0)\"" }.joined(separator: ",")
            let most = "If-Match: \(fifteen),\"\(change)\""
            #expect(
                try cluster.request(.post, leader, "/set?value=2", headers: [most]).status == 200)
            for node in [leader, follower] {
                let answer = try cluster.request(
                    .post, node, "/set?value=3", headers: [most + ",\"1\""])
                try expectProblem(answer, 400, "bad-request")
                #expect(answer.keepAlive)
            }
        }

        @Test(arguments: ["7", "\"7", "\"7\" \"8\"", "w/\"7\"", "*, \"7\"", "\"7\", *"])
        func whatIsNoListIsMalformed(_ value: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                let answer = try cluster.request(
                    .post, node, "/set?value=9", headers: ["If-Match: \(value)"])
                try expectProblem(answer, 400, "bad-request")
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        /// The condition is the log's business: a follower sends every sound one on.
        @Test func aFollowerSendsItOn() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let answer = try cluster.request(
                .post, follower, "/set?value=9", headers: ["If-Match: \"1\""])
            #expect(answer.status == 307)
            #expect(answer["Location"] == "http://\(cluster.http(leader))/set?value=9")
        }

        /// Of writers that all saw the same, one wins.
        @Test func ofManyOneWins() throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=0"))
            let connection = try cluster.connect(to: leader)
            let writes = (1...8).map {
                RawConnection.request(
                    .post, "/set?value=\($0)", headers: ["If-Match: \"\(change)\""])
            }
            try connection.send(writes.joined())
            let answers = try writes.map { _ in try connection.readResponse(to: .post).status }
            #expect(answers == [200] + Array(repeating: 412, count: 7))
            #expect(try cluster.request(.get, leader, "/get").text == "1\n")
        }

        @Test func anOverflowIsNoChange() throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=\(Int64.max)"))
            #expect(try cluster.request(.post, leader, "/add?value=1").status == 422)
            let answer = try cluster.request(
                .post, leader, "/set?value=1", headers: ["If-Match: \"\(change)\""])
            #expect(answer.status == 200)
        }

        /// A first 412 is what a key has for ever, also where the condition would hold now.
        @Test func aFailedPreconditionComesAgain() throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=60"))
            // The condition names what comes two entries later: the refusal itself, then a change.
            let headers = ["Idempotency-Key: \(freshKey())", "If-Match: \"\(change + 2)\""]
            let first = try cluster.request(.post, leader, "/set?value=61", headers: headers)
            try expectProblem(first, 412, "precondition-failed")
            #expect(
                try index(of: cluster.request(.post, leader, "/set?value=62")) == change + 2)
            let again = try cluster.request(.post, leader, "/set?value=61", headers: headers)
            try expectProblem(again, 412, "precondition-failed", isReplay: true)
            // What was present then is no longer.
            #expect(first["ETag"] == "\"\(change)\"" && again["ETag"] == nil)
            #expect(again.text.contains("At the first try the last change was at index \(change)"))
            #expect(again["Tally-Index"] == first["Tally-Index"])
            #expect(try cluster.request(.get, leader, "/get").text == "62\n")
        }

        @Test func aSetThatTookEffectComesAgain() throws {
            let (cluster, leader, _) = try Shared.roles()
            let change = try index(of: cluster.request(.post, leader, "/set?value=63"))
            let headers = ["Idempotency-Key: \(freshKey())", "If-Match: \"\(change)\""]
            let first = try cluster.request(.post, leader, "/set?value=64", headers: headers)
            // The condition holds no longer, because of this very write.
            let again = try cluster.request(.post, leader, "/set?value=64", headers: headers)
            #expect([first.status, again.status] == [200, 200])
            #expect(again["Tally-Replayed"] == "true")
            #expect(again["Tally-Index"] == first["Tally-Index"])
        }
    }
}
