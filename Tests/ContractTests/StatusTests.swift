import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    @Suite struct Pages {
        @Test func statusHasAllItsMembers() throws {
            let (cluster, leader, _) = try Shared.roles()
            for node in cluster.ids {
                let answer = try cluster.request(.get, node, "/status")
                #expect(answer.status == 200)
                #expect(answer["Content-Type"] == "application/json")
                let page = try JSONTree(answer.body).members
                #expect(
                    Set(page.keys) == [
                        "node", "cluster", "role", "term", "leader", "leaderHTTP", "commit",
                        "applied", "lastIndex", "firstIndex", "value", "voters", "learners",
                        "waitingFor", "peers", "uptimeMilliseconds", "version",
                        "gossip", "disk",
                    ])
                for key in [
                    "term", "commit", "applied", "lastIndex", "firstIndex", "value",
                    "uptimeMilliseconds",
                ] {
                    #expect(page[key]?.isInteger == true, "\(key)")
                }
                #expect(page["node"] == .string("\(node)"))
                #expect(page["cluster"] == .string("test"))
                #expect(page["role"] == .string(node == leader ? "leader" : "follower"))
                #expect(page["leader"] == .string("\(leader)"))
                #expect(page["leaderHTTP"] == .string("\(cluster.http(leader))"))
                #expect(page["firstIndex"] == .integer(1))
                #expect(page["voters"] == .array(cluster.ids.map { .string("\($0)") }))
                #expect(page["learners"] == .array([]))
                #expect(page["waitingFor"] == .array([]))
                #expect(page["version"] == .string("0.1.0"))
                #expect(page["gossip"] == .string("ok"))
                try checkPeers(page["peers"], of: node, in: cluster, leader: leader)
            }
        }

        private func checkPeers(
            _ peers: JSONTree?, of node: NodeID, in cluster: TestCluster, leader: NodeID
        ) throws {
            let peers = try #require(peers?.elements)
            let others = cluster.ids.filter { $0 != node }
            #expect(peers.count == (node == leader ? others.count : 0))
            for (peer, id) in zip(peers.map(\.members), others) {
                #expect(
                    Set(peer.keys) == ["node", "match", "connected", "lastContactMilliseconds"])
                #expect(peer["node"] == .string("\(id)"))
                #expect(peer["connected"] == .bool(true))
                for key in ["match", "lastContactMilliseconds"] {
                    #expect(peer[key]?.isInteger == true, "\(key)")
                }
            }
        }

        @Test func statusFollowsTheValue() throws {
            let (cluster, leader, _) = try Shared.roles()
            let write = try cluster.request(.post, leader, "/set?value=-31")
            let index = try #require(write["Tally-Index"].flatMap { UInt64($0) })
            for node in cluster.ids {
                try Waiting.until("\(node) to apply entry \(index)") {
                    try cluster.status(of: node).applied == index
                }
                let status = try cluster.status(of: node)
                #expect(status.value == -31)
                #expect(status.commit == index && status.lastIndex == index)
            }
            #expect(try cluster.status(of: leader).peers.allSatisfy { $0.match == index })
        }

        @Test func liveAndReady() throws {
            let cluster = try Shared.cluster()
            for node in cluster.ids {
                for target in ["/livez", "/readyz"] {
                    let answer = try cluster.request(.get, node, target)
                    #expect(answer.status == 200)
                    #expect(answer["Content-Type"] == "text/plain")
                }
            }
        }
    }
}
