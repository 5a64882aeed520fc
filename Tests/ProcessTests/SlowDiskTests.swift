import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

#if os(Linux)
    extension ProcessTests {
        /// A disk that hangs, under one of three real nodes: the node goes on answering, the cluster goes
        /// on writing. What is timed is printed, not asserted.
        @Suite struct SlowDiskTests {
            private func settledCluster(
                timing: TimingConfiguration = .standard
            ) throws -> (TestCluster, NodeID) {
                let cluster = try TestCluster(timing: timing)
                for id in cluster.ids { try cluster.setDisk(of: id, delay: 0) }
                for id in cluster.ids { try cluster.startOnSlowDisk(id) }
                return (cluster, try cluster.startAllAndSettle())
            }

            /// What a node answers that needs no disk: every one of them within the limit of a request.
            /// Prints how long the slowest took.
            private func talk(to node: NodeID, of cluster: TestCluster, while what: String) throws {
                var slowest = Timespan.zero
                for round in 0..<20 {
                    for path in ["/status", "/livez", "/get?consistency=stale", "/members"] {
                        let start = MonotonicClock.now()
                        let response = try cluster.request(.get, node, path)
                        #expect(response.status == 200, "\(path), round \(round)")
                        slowest = max(slowest, MonotonicClock.now().since(start))
                    }
                }
                print("\(what): 80 answers, the slowest after \(slowest.wholeMilliseconds) ms")
            }

            @Test func aLeaderWhoseDiskHangsStepsDownAndGoesOnAnswering() throws {
                let (cluster, leader) = try settledCluster()
                let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let moment = MonotonicClock.now()
                    try cluster.setDisk(of: leader, delay: nil)
                    let end = try pool.acknowledgement(after: moment)
                    print("a write after \(end.since(moment).wholeMilliseconds) ms")
                    try Waiting.until(
                        "another leader",
                        holds: {
                            try cluster.ids.contains {
                                try $0 != leader && cluster.status(of: $0).role == "leader"
                            }
                        })
                    try talk(to: leader, of: cluster, while: "the old leader's disk hangs")
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    #expect(try cluster.status(of: leader).role == "follower")
                    #expect(cluster.standardError(of: leader).contains("[disk-stalled]"))
                    try cluster.setDisk(of: leader, delay: 0)
                    try Waiting.until(
                        "the disk's answer in the log",
                        holds: {
                            cluster.standardError(of: leader).contains("[disk-recovered]")
                        })
                }
                let value = try cluster.linearizableValue()
                #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
            }

            @Test func aFollowerWhoseDiskHangsHoldsNobodyUp() throws {
                let (cluster, leader) = try settledCluster(timing: .steady)
                let term = try cluster.status(of: leader).term
                let slow = try #require(cluster.ids.first { $0 != leader })
                let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                    try cluster.setDisk(of: slow, delay: nil)
                    // Long enough for its answers to be missed, were they to wait for the disk.
                    for _ in 0..<5 { _ = try pool.acknowledgement(after: MonotonicClock.now()) }
                    try talk(to: slow, of: cluster, while: "a follower's disk hangs")
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    try cluster.setDisk(of: slow, delay: 0)
                }
                #expect(try cluster.status(of: leader).term == term)
                let value = try cluster.linearizableValue()
                #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
            }

            @Test func aStopDoesNotWaitForADiskThatHangs() throws {
                let (cluster, leader) = try settledCluster()
                let slow = try #require(cluster.ids.first { $0 != leader })
                try cluster.setDisk(of: slow, delay: nil)
                let commit = try cluster.status(of: slow).commit
                #expect(try cluster.request(.post, leader, "/add?value=1").status == 200)
                try Waiting.until(
                    "the write at the node whose disk hangs",
                    holds: { try cluster.status(of: slow).commit > commit })
                let moment = MonotonicClock.now()
                #expect(try cluster.terminate(slow, within: .milliseconds(30_000)) == 0)
                print("ended after \(MonotonicClock.now().since(moment).wholeMilliseconds) ms")
                #expect(cluster.standardError(of: slow).contains("ending without it"))
                // What it had acknowledged is on its disk, and it comes back.
                try cluster.setDisk(of: slow, delay: 0)
                try cluster.startOnSlowDisk(slow)
                try cluster.waitUntilReady(slow)
            }
        }
    }
#endif
