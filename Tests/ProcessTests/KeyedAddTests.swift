import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// Adds under keys, sent again and again while nodes die: each takes effect exactly once.
    @Suite struct KeyedAddTests {
        @Test func addsSentUntilAnsweredEndAtTheirSum() throws {
            let (clients, adds) = (4, 50)
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            try Waiting.until("keys to be known") {
                let first = try cluster.request(
                    .post, cluster.leader(), "/add?value=0", headers: ["Idempotency-Key: first"])
                return first.status == 200
            }
            let seed = Entropy.uint64()
            var random = RandomSource(seed: seed)
            let writers = KeyedWriters(clients: clients, adds: adds, cluster: cluster)
            for round in 1...rounds {
                let mark = round * clients * adds / (rounds + 1)
                try Waiting.until("\(mark) answers", within: .milliseconds(60_000)) {
                    writers.receipts.count >= mark
                }
                // Any of the nodes, or several, or all of them.
                let dead = 1 + random.below((1 << cluster.ids.count) - 1)
                let victims = cluster.ids.indices.filter { dead >> $0 & 1 == 1 }
                for victim in victims { try cluster.kill(cluster.ids[victim]) }
                for victim in victims { try cluster.start(cluster.ids[victim]) }
                for id in cluster.ids { try cluster.waitUntilReady(id) }
            }
            let receipts = writers.finish()
            let again = receipts.count { $0.tries > 1 }
            print(
                "\(again) of \(receipts.count) adds were sent again; \(rounds) blows, seed \(seed)")
            // Each is answered with a value of its own: none was lost, none came twice.
            let sum = Int64(clients * adds)
            #expect(receipts.map(\.value).sorted() == Array(1...sum), "seed \(seed)")
            #expect(Set(receipts.map(\.index)).count == receipts.count, "seed \(seed)")
            #expect(try cluster.linearizableValue() == sum, "seed \(seed)")
            try cluster.settle()
            for id in cluster.ids { #expect(try cluster.status(of: id).value == sum) }
        }
    }
}
