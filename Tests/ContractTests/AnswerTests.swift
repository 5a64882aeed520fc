import ClusterHarness
import HTTP
import Testing

extension SharedClusterTests {
    @Suite struct Answers {
        @Test func aSuccessSaysWhereItStands() throws {
            let (cluster, leader, _) = try Shared.roles()
            let first = try cluster.request(.post, leader, "/set?value=12")
            let second = try cluster.request(.post, leader, "/add?value=5")
            let term = try cluster.status(of: leader).term
            for answer in [first, second] {
                #expect(answer.status == 200)
                #expect(answer["Content-Type"] == "text/plain")
                #expect(answer["Tally-Term"] == "\(term)")
                #expect(answer["Tally-Node"] == "\(leader)")
                #expect(answer["ETag"] == nil)
                #expect(answer["Date"] != nil)
            }
            #expect([first.text, second.text] == ["12\n", "17\n"])
            let index = try #require(first["Tally-Index"].flatMap { UInt64($0) })
            #expect(second["Tally-Index"] == "\(index + 1)")
            // A read's index is that of the last entry applied, on any node.
            for node in cluster.ids {
                let read = try cluster.request(.get, node, "/get")
                #expect(read.status == 200)
                #expect(read.text == "17\n")
                #expect(read["Tally-Index"] == "\(index + 1)")
                #expect(read["Tally-Term"] == "\(term)")
                #expect(read["Tally-Node"] == "\(node)")
                #expect(read["ETag"] == "\"\(index + 1)\"")
            }
        }

        @Test(arguments: [
            "application/json", "Application/JSON", "text/html, application/json;q=0.9",
            "application/json, text/plain;q=0.5",
        ])
        func jsonForThoseWhoAcceptIt(_ accept: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let headers = ["Accept: \(accept)"]
            let write = try cluster.request(.post, leader, "/set?value=-7", headers: headers)
            let read = try cluster.request(.get, follower, "/get", headers: headers)
            let stale = try cluster.request(
                .get, leader, "/get?consistency=stale", headers: headers)
            for answer in [write, read, stale] {
                let (index, term) = (answer["Tally-Index"] ?? "", answer["Tally-Term"] ?? "")
                #expect(answer["Content-Type"] == "application/json")
                #expect(
                    try JSONTree(answer.body)
                        == JSONTree(
                            Array(
                                #"{"value":-7,"index":\#(index),"term":\#(term),"replayed":false}"#
                                    .utf8)))
            }
            #expect(read["ETag"] == "\"\(write["Tally-Index"] ?? "")\"")
        }

        @Test(arguments: ["", "*/*", "text/plain", "text/*;q=1, application/json;q=0.1"])
        func textForTheOthers(_ accept: String) throws {
            let (cluster, _, follower) = try Shared.roles()
            let read = try cluster.request(.get, follower, "/get", headers: ["Accept: \(accept)"])
            #expect(read["Content-Type"] == "text/plain")
            #expect(Int64(read.text.dropLast()) != nil)
        }

        @Test func headIsGetWithoutTheBody() throws {
            let (cluster, _, follower) = try Shared.roles()
            for target in ["/get", "/get?consistency=stale", "/livez", "/readyz"] {
                let connection = try cluster.connect(to: follower)
                try connection.send(RawConnection.request(.get, target))
                let got = try connection.readResponse()
                try connection.send(RawConnection.request(.head, target))
                let head = try connection.readResponse(to: .head)
                #expect(head.status == got.status)
                #expect(head.body.isEmpty)
                let ignored = ["date"]
                #expect(
                    head.fields.filter { !ignored.contains($0.name) }
                        == got.fields.filter { !ignored.contains($0.name) })
                // Nothing stands where the body would: the next answer is read whole.
                try connection.send(RawConnection.request(.get, "/livez"))
                #expect(try connection.readResponse().status == 200)
            }
        }

        @Test func theLastChangeIsNoOverflowAndNoOtherEntry() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let change = try cluster.request(.post, leader, "/set?value=\(Int64.max)")
            _ = try cluster.request(.post, leader, "/add?value=1")
            let read = try cluster.request(.get, follower, "/get")
            #expect(read["ETag"] == "\"\(change["Tally-Index"] ?? "")\"")
        }

        @Test func linearizableIsTheDefaultAndOtherModesAreNone() throws {
            let (cluster, leader, follower) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=3")
            let read = try cluster.request(.get, follower, "/get?consistency=linearizable&x=1")
            #expect(read.text == "3\n")
            for query in [
                "consistency=eventual", "consistency=", "consistency=stale&consistency=stale",
            ] {
                let answer = try cluster.request(.get, follower, "/get?\(query)")
                try expectProblem(answer, 400, "bad-request")
            }
        }
    }

    @Suite struct Redirects {
        @Test(arguments: [
            "/add?value=1", "/set?value=%31&value2=%0d%0aSet-Cookie:x&next=/get?",
            "/set?value=1&unknown=a%20b+c&&=&%", "/set?value=1&x=\"<>{}|^`'()",
        ])
        func keepTheRawTarget(_ target: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let answer = try cluster.request(.post, follower, target)
            #expect(answer.status == 307)
            #expect(answer["Location"] == "http://\(cluster.http(leader))\(target)")
            #expect(answer["Tally-Leader"] == "\(leader)")
            #expect(answer.keepAlive)
            // What somebody sees who does not follow redirects.
            #expect(answer["Content-Type"] == "text/plain")
            #expect(
                answer.text
                    == "\(leader) leads: use curl -L, or write to http://\(cluster.http(leader))\(target)\n"
            )
            #expect(!answer.fields.contains { $0.name == "set-cookie" })
            #expect(
                answer.fields.allSatisfy { $0.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } })
        }

        @Test func carryTheWriteToTheLeader() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let sent = try cluster.request(
                .post, follower, "/set?ignored=1", headers: ["Content-Type: text/plain"],
                body: "77")
            let location = try #require(sent["Location"])
            let url = try #require(HTTPURL(location))
            #expect(url.address == cluster.http(leader).address)
            let there = try cluster.request(
                .post, leader, url.target, headers: ["Content-Type: text/plain"], body: "77")
            #expect(there.text == "77\n")
        }

        @Test func anAbsoluteTargetLosesItsOrigin() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let answer = try cluster.request(
                .post, follower, "http://localhost:99/set?value=1&a=b")
            #expect(answer.status == 307)
            #expect(answer["Location"] == "http://\(cluster.http(leader))/set?value=1&a=b")
        }

        @Test(arguments: ["/set?value=1&x=\r", "/set?value=1&x=\u{1}", "/set?value=1&x=\u{7F}"])
        func neverCarryAControlByte(_ target: String) throws {
            let (cluster, _, follower) = try Shared.roles()
            let answer = try cluster.request(.post, follower, target)
            try expectProblem(answer, 400, "bad-request")
            #expect(answer["Location"] == nil)
        }

        @Test func readsAreNeverRedirected() throws {
            let (cluster, leader, _) = try Shared.roles()
            for node in cluster.ids where node != leader {
                #expect(try cluster.request(.get, node, "/get").status == 200)
            }
        }
    }
}
