import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    /// A browser's page elsewhere may not write.
    @Suite struct Origins {
        /// A write whose Host and Origin are these, on a connection of its own.
        private func write(
            _ node: NodeID, host: String?, origin: String? = nil, target: String = "/set?value=5",
            version: String = "1.1"
        ) throws -> Response {
            var lines = ["POST \(target) HTTP/\(version)"]
            if let host { lines.append("Host: \(host)") }
            if let origin { lines.append("Origin: \(origin)") }
            let connection = try Shared.cluster().connect(to: node)
            try connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            return try connection.readResponse(to: .post)
        }

        @Test func programsMayWriteByAnyNameOfTheNode() throws {
            let (cluster, leader, follower) = try Shared.roles()
            for (node, status) in [(leader, 200), (follower, 307)] {
                let port = cluster.http(node).port
                for host in [
                    "127.0.0.1:\(port)", "127.0.0.1", "localhost:\(port)", "LOCALHOST",
                    "localhost.",
                    "[::1]:\(port)", "localhost:1", "localhost:",
                ] {
                    #expect(try write(node, host: host).status == status, "\(host)")
                }
                #expect(try write(node, host: nil, version: "1.0").status == status)
                // RFC 9112 §3.2.2: the target's own authority counts.
                let absolute = "http://localhost:\(port)/set?value=5"
                #expect(try write(node, host: "e.example", target: absolute).status == status)
            }
        }

        @Test func pagesOfTheNodeMayWrite() throws {
            let (cluster, leader, _) = try Shared.roles()
            let port = cluster.http(leader).port
            for (host, origin) in [
                ("127.0.0.1:\(port)", "http://127.0.0.1:\(port)"),
                ("localhost:\(port)", "http://localhost:\(port)"),
                ("localhost", "https://localhost"),
                ("localhost:\(port)", "http://127.0.0.1:\(port)"),
            ] {
                #expect(try write(leader, host: host, origin: origin).status == 200, "\(origin)")
            }
        }

        @Test func aForeignHostIsRefused() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                let port = cluster.http(node).port
                for host in [
                    "evil.example", "evil.example:\(port)", "127.0.0.1.evil.example:\(port)",
                    "192.0.2.1:\(port)", "localhost.evil", "1.2.3", "[2001:db8::1]",
                ] {
                    try expectProblem(write(node, host: host), 403, "foreign-origin")
                    // Rebinding: the page and the name are the same, and neither is this node.
                    try expectProblem(
                        write(node, host: host, origin: "http://\(host)"), 403, "foreign-origin")
                }
                try expectProblem(
                    write(node, host: "localhost", target: "http://evil.example/set?value=5"), 403,
                    "foreign-origin")
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        @Test func aForeignOriginIsRefused() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                let port = cluster.http(node).port
                for origin in [
                    "http://evil.example", "https://evil.example:\(port)", "null", "",
                    "http://localhost:1", "http://localhost", "http://127.0.0.1:\(port)/x",
                    "http://localhost:\(port) http://evil.example", "file://",
                    "chrome-extension://abcdef",
                ] {
                    let answer = try write(node, host: "localhost:\(port)", origin: origin)
                    try expectProblem(answer, 403, "foreign-origin")
                    #expect(answer.keepAlive)
                }
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        /// Other methods that are not safe can't be used for it either, and questions stay free.
        @Test func onlyQuestionsAreFree() throws {
            let (cluster, _, follower) = try Shared.roles()
            let foreign = ["Origin: http://evil.example"]
            for method in [Method.put, .delete, .patch] {
                let answer = try cluster.request(method, follower, "/set", headers: foreign)
                try expectProblem(answer, 403, "foreign-origin")
            }
            #expect(try cluster.request(.get, follower, "/get", headers: foreign).status == 200)
            let connection = try cluster.connect(to: follower)
            try connection.send("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            #expect(try connection.readResponse().status == 200)
        }
    }
}
