import ClusterHarness
import HTTP
import Testing

extension SharedClusterTests {
    /// If-None-Match on `/get` (RFC 9110 §13.1.2).
    @Suite struct ConditionalReads {
        @Test func whatTheClientHasIsNotSentAgain() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let change = try cluster.request(.post, leader, "/set?value=71")
            let index = try #require(change["Tally-Index"])
            for node in [leader, follower] {
                let read = try cluster.request(.get, node, "/get")
                #expect(read["ETag"] == "\"\(index)\"")
                for value in [
                    "\"\(index)\"", "W/\"\(index)\"", "\"1\", \"\(index)\"", "*",
                    "\"x,y\",W/\"\(index)\"",
                ] {
                    for target in ["/get", "/get?consistency=stale"] {
                        let connection = try cluster.connect(to: node)
                        try connection.send(
                            RawConnection.request(
                                .get, target, headers: ["If-None-Match: \(value)"])
                                + RawConnection.request(.get, "/livez"))
                        let answer = try connection.readResponse()
                        #expect(answer.status == 304, "\(value)")
                        #expect(answer["ETag"] == "\"\(index)\"")
                        #expect(answer["Tally-Node"] == "\(node)")
                        #expect(answer["Tally-Index"] != nil && answer["Tally-Term"] != nil)
                        #expect(answer["Content-Length"] == nil && answer["Content-Type"] == nil)
                        // Nothing stands where a body would.
                        #expect(try connection.readResponse().text == "ok\n")
                    }
                }
                let head = try cluster.request(
                    .head, node, "/get", headers: ["If-None-Match: \"\(index)\""])
                #expect(head.status == 304)
            }
        }

        @Test func whatIsNewIsSent() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let first = try cluster.request(.post, leader, "/set?value=72")
            let old = try #require(first["Tally-Index"])
            _ = try cluster.request(.post, leader, "/add?value=1")
            for node in [leader, follower] {
                for value in ["\"\(old)\"", "", "\"\"", "\"0\", \"x\"", "\"\(old)", "7"] {
                    let answer = try cluster.request(
                        .get, node, "/get", headers: ["If-None-Match: \(value)"])
                    if value == "7" || value == "\"\(old)" {
                        try expectProblem(answer, 400, "bad-request")
                        #expect(answer.keepAlive)
                    } else {
                        #expect(answer.status == 200 && answer.text == "73\n", "\(value)")
                    }
                }
            }
        }

        /// Several fields are one list (RFC 9110 §5.3).
        @Test func fieldsAreOneList() throws {
            let (cluster, leader, _) = try Shared.roles()
            let index = try #require(
                try cluster.request(.post, leader, "/set?value=74")["Tally-Index"])
            let same = try cluster.request(
                .get, leader, "/get",
                headers: ["If-None-Match: \"1\"", "If-None-Match: \"\(index)\""])
            #expect(same.status == 304)
        }

        /// An overflow is an entry and no change: what the client has is still the value.
        @Test func anOverflowIsNoChange() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let set = try cluster.request(.post, leader, "/set?value=\(Int64.max)")
            let index = try #require(set["Tally-Index"])
            _ = try cluster.request(.post, leader, "/add?value=1")
            let same = try cluster.request(
                .get, follower, "/get", headers: ["If-None-Match: \"\(index)\""])
            #expect(same.status == 304 && same["Tally-Index"] != index)
        }
    }
}
