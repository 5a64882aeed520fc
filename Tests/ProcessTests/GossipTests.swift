import ClusterHarness
import Effort
import HTTP
import Posix
import Primitives
import Testing

/// Far above what is measured: a busy machine is no failure.
private let noticeLimit = Timespan.milliseconds(20_000)

extension ProcessTests {
    /// Who is there, who is gone, and who has moved.
    @Suite struct GossipTests {
        @Test(arguments: [3, 5]) func theKilledAreDeadAndTheStoppedHaveLeft(nodes: Int) throws {
            let cluster = try TestCluster(nodes: nodes)
            try cluster.startAllAndSettle()
            for id in cluster.ids { try cluster.waitUntil(id, is: "alive", within: noticeLimit) }
            var spans: [String: [Timespan]] = [:]
            for id in cluster.ids.prefix(effort + 1) {
                var moment = MonotonicClock.now()
                try cluster.kill(id)
                var told = try cluster.waitUntil(id, is: "dead", within: noticeLimit)
                spans["dead", default: []].append(told.since(moment))

                moment = MonotonicClock.now()
                try cluster.start(id)
                told = try cluster.waitUntil(id, is: "alive", within: noticeLimit)
                spans["alive again", default: []].append(told.since(moment))
                try cluster.waitUntilReady(id)

                moment = MonotonicClock.now()
                try cluster.send(.terminate, to: id)
                told = try cluster.waitUntil(id, is: "left", within: noticeLimit)
                spans["left", default: []].append(told.since(moment))
                #expect(try cluster.waitForExit(id) == 0)
                try cluster.start(id)
                try cluster.waitUntil(id, is: "alive", within: noticeLimit)
                try cluster.waitUntilReady(id)
            }
            for (state, spans) in spans.sorted(by: { $0.key < $1.key }) {
                let longest = spans.max() ?? .zero
                print("\(state) at all others of \(nodes) nodes after at most \(longest.readable)")
            }
        }

        @Test(arguments: [TestCluster.Acquaintance.addresses, .ids(seed: 0)])
        func allMoveUnderWrites(knowing: TestCluster.Acquaintance) throws {
            let cluster = try TestCluster(knowing: knowing)
            try cluster.startAllAndSettle()
            for id in cluster.ids { try cluster.waitUntil(id, is: "alive", within: noticeLimit) }
            let first = try cluster.ids.map { try cluster.raft($0) }
            let (spans, attempts) = try WriterPool.writing(to: cluster) { pool in
                try cluster.ids.map { id in
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let files = try others(of: id, in: cluster)
                    #expect(try cluster.terminate(id) == 0)
                    try cluster.move(id)
                    let moment = MonotonicClock.now()
                    try cluster.start(id)
                    try waitUntilFound(id, in: cluster)
                    let span = MonotonicClock.now().since(moment)
                    #expect(try others(of: id, in: cluster) == files)
                    _ = try pool.acknowledgement(after: MonotonicClock.now(), within: noticeLimit)
                    return span
                }
            }
            let longest = spans.max() ?? .zero
            print("found at new ports after at most \(longest.readable), its start included")
            for (id, address) in zip(cluster.ids, first) {
                #expect(try cluster.raft(id) != address)
            }
            let value = try cluster.linearizableValue()
            #expect(Ledger(attempts).acknowledged > 0)
            #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])

            // And all at once, from what they kept: no seed of any file lives.
            for id in cluster.ids { try cluster.kill(id) }
            try cluster.startAllAndSettle()
            #expect(try cluster.linearizableValue() == value)
        }

        /// The nodes' files but that one's.
        private func others(of id: NodeID, in cluster: TestCluster) throws -> [[UInt8]] {
            let names = try FileSystem.names(in: cluster.root).filter {
                $0.hasSuffix(".json") && $0 != "\(id).json"
            }
            return try names.map {
                try FileSystem.contents(of: "\(cluster.root)/\($0)", limit: 1 << 16)
            }
        }

        /// Waits until a node serves, the leader is connected to it, and all others know where it is.
        private func waitUntilFound(_ id: NodeID, in cluster: TestCluster) throws {
            try cluster.waitUntilReady(id, within: noticeLimit)
            let address = "\(try cluster.raft(id))"
            for other in cluster.ids where other != id {
                try Waiting.until(
                    "\(other) to know the new address of \(id)", within: noticeLimit,
                    holds: {
                        try cluster.members(of: other).contains {
                            $0.node == "\(id)" && $0.raft == address && $0.state == "alive"
                        }
                    })
            }
            try Waiting.until(
                "the leader to be connected to all", within: noticeLimit,
                holds: {
                    try cluster.status(of: cluster.agreedLeader()).peers.allSatisfy(\.connected)
                })
        }
    }
}
