import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    /// `POST /leader`.
    @Suite struct Leadership {
        private let json = "Content-Type: application/json"

        @Test func whoIsNamedLeadsTheNextTerm() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).term
            let answer = try cluster.request(
                .post, leader, "/leader", headers: [json], body: "{ \"node\" : \"\(follower)\" }")
            #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
            let page = try JSONTree(answer.body).members
            #expect(page["leader"] == .string("\(follower)"))
            #expect(page.keys.sorted() == ["leader", "term"])
            let status = try cluster.status(of: follower)
            #expect(status.role == "leader" && status.term > before)
            #expect(page["term"] == .integer(Int64(status.term)))
        }

        @Test(arguments: ["{}", "", " { } "]) func withoutANameItIsAnother(body: String) throws {
            let (cluster, leader, _) = try Shared.roles()
            let answer = try cluster.request(
                .post, leader, "/leader", headers: [json], body: body)
            #expect(answer.status == 200)
            let next = try JSONTree(answer.body).members["leader"]
            #expect(next != .string("\(leader)"))
            #expect(next == .string("\(try cluster.agreedLeader())"))
        }

        @Test func whoLeadsAlreadyIsNoChange() throws {
            let (cluster, leader, _) = try Shared.roles()
            let term = try cluster.status(of: leader).term
            let answer = try cluster.request(.post, leader, "/leader?node=\(leader)", body: "")
            #expect(answer.status == 200)
            #expect(answer.text == "{\"leader\":\"\(leader)\",\"term\":\(term)}\n")
        }

        @Test func aFollowerSendsOnWithWhatWasAsked() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let answer = try cluster.request(
                .post, follower, "/leader?node=\(leader)&x=%20", body: "")
            #expect(answer.status == 307)
            #expect(
                answer["Location"] == "http://\(cluster.http(leader))/leader?node=\(leader)&x=%20")
        }

        @Test(arguments: [
            ("{\"node\":\"n9\"}", 422, "unknown-node"),
            ("{\"node\":\"\"}", 400, "bad-value"),
            ("{\"node\":7}", 400, "bad-value"),
            ("{\"node\":\"n1\",\"x\":1}", 400, "bad-value"),
            ("{\"leader\":\"n1\"}", 400, "bad-value"),
            ("{\"node\":\"n1\"", 400, "bad-value"),
            ("{\"node\":\"n\\u0031\"}", 400, "bad-value"),
            ("[]", 400, "bad-value"),
        ])
        func whatNamesNobodyIsRefused(body: String, status: Int, code: String) throws {
            let (cluster, leader, _) = try Shared.roles()
            let answer = try cluster.request(
                .post, leader, "/leader", headers: [json], body: body)
            try expectProblem(answer, status, code)
            #expect(try cluster.agreedLeader() == leader, "nothing has changed")
        }

        @Test func oneNodeInTwoPlacesIsRefused() throws {
            let (cluster, leader, _) = try Shared.roles()
            let form = "Content-Type: application/x-www-form-urlencoded"
            try expectProblem(
                try cluster.request(
                    .post, leader, "/leader?node=n1", headers: [form], body: "node=n2"),
                400, "bad-value")
            try expectProblem(
                try cluster.request(
                    .post, leader, "/leader", headers: [form], body: "{\"node\":\"n2\"}"),
                400, "bad-value")
            try expectProblem(
                try cluster.request(
                    .post, leader, "/leader", headers: ["Content-Type: text/plain"], body: "n2"),
                415, "unsupported-media-type")
            try expectProblem(
                try cluster.request(.get, leader, "/leader"), 405, "method-not-allowed")
        }

        @Test func theCommandMovesTheLeadership() throws {
            let (cluster, _, follower) = try Shared.roles()
            let config = ["--config", cluster.configurationPath]
            let moved = try TallyRun(["transfer", "--to", "\(follower)"] + config)
            let status = try cluster.status(of: follower)
            #expect(moved.code == 0 && status.role == "leader")
            #expect(moved.output == "\(follower) leads term \(status.term)\n")
            let again = try TallyRun(["transfer", "--json"] + config)
            let page = try JSONTree(Array(again.output.utf8)).members
            #expect(again.code == 0 && page.keys.sorted() == ["leader", "term"])
            #expect(page["leader"] != .string("\(follower)"))
            let nobody = try TallyRun(["transfer", "--to", "n9"] + config)
            #expect(nobody.code == 1 && nobody.output.isEmpty)
            #expect(nobody.error.contains("Leadership can go to a voter only"))
            #expect(try TallyRun(["transfer", "--to", "a/b"] + config).code == 64)
        }
    }
}
