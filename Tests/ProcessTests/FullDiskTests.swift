import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

#if os(Linux)
    extension ProcessTests {
        /// A disk that is full, under real nodes: none of them ends. What is timed is printed, not
        /// asserted, but for the bounds that everybody may rely on.
        @Suite struct FullDiskTests {
            private func settledCluster() throws -> (TestCluster, NodeID) {
                let cluster = try TestCluster()
                for id in cluster.ids { try cluster.startOnSmallDisk(id) }
                return (cluster, try cluster.startAllAndSettle())
            }

            @Test func aLeaderOnAFullDiskLosesNothingAndComesBackByItself() throws {
                let (cluster, leader) = try settledCluster()
                let pids = try cluster.ids.map { try cluster.pid(of: $0) }
                let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    try cluster.setRoom(of: leader, 0)
                    // The zeros that the log has ahead of its tail go first.
                    try Waiting.until(
                        "the full disk", within: .milliseconds(60_000),
                        holds: { cluster.standardError(of: leader).contains("[disk-full]") })
                    let moment = MonotonicClock.now()
                    let end = try pool.acknowledgement(after: moment)
                    print("a write after \(end.since(moment).wholeMilliseconds) ms")
                    #expect(end.since(moment) < .milliseconds(1_000))
                    #expect(try cluster.agreedLeader() != leader)
                    #expect(try cluster.status(of: leader).disk == "full")
                    let ready = try cluster.request(.get, leader, "/readyz")
                    #expect(ready.status == 503 && ready.body == Array("disk full\n".utf8))
                    #expect(
                        try cluster.request(.get, leader, "/get?consistency=stale").status == 200)
                    for _ in 0..<5 { _ = try pool.acknowledgement(after: MonotonicClock.now()) }
                    #expect(try cluster.agreedLeader() != leader)

                    try cluster.setRoom(of: leader, nil)
                    let room = MonotonicClock.now()
                    try cluster.waitUntilReady(leader, within: .milliseconds(5_000))
                    print(
                        "ready \(MonotonicClock.now().since(room).wholeMilliseconds) ms after room")
                    #expect(cluster.standardError(of: leader).contains("[disk-has-room]"))
                }
                #expect(try cluster.ids.map { try cluster.pid(of: $0) } == pids)
                let value = try cluster.linearizableValue()
                #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
            }

            /// Two of three disks are full, or all: what is asked of the leader is answered at once, also after
            /// the leader was killed and another one was found.
            @Test func whereNoMajorityHasRoomReadsGoOnAndWritesSaySo() throws {
                let (cluster, leader) = try settledCluster()
                #expect(try cluster.request(.post, leader, "/add?value=7").status == 200)
                for id in cluster.ids { try cluster.setRoom(of: id, 0) }
                let (_, attempts) = try WriterPool.writing(to: cluster) { _ in
                    try Waiting.until(
                        "disk-full for a write", within: .milliseconds(60_000),
                        holds: { try isRefusedForRoom(by: cluster) })
                    let first = try cluster.agreedLeader()
                    #expect(try cluster.request(.get, first, "/get").status == 200)
                    try cluster.kill(first)
                    try cluster.startOnSmallDisk(first)
                    // Those whose disks are full leave the election to others for a while.
                    try Waiting.until(
                        "disk-full from the next leader", within: .milliseconds(30_000),
                        holds: { try isRefusedForRoom(by: cluster) })
                    let next = try cluster.agreedLeader()
                    #expect(try cluster.request(.get, next, "/get").status == 200)
                }
                for id in cluster.ids { try cluster.setRoom(of: id, nil) }
                for id in cluster.ids { try cluster.waitUntilReady(id) }
                let value = try cluster.linearizableValue()
                #expect(Ledger(attempts).contradictions(from: 7, to: value) == [])
            }

            /// Whether the present leader, if there is one, answers a write of nothing with `disk-full`.
            private func isRefusedForRoom(by cluster: TestCluster) throws -> Bool {
                let leads = cluster.ids.first { id in
                    (try? cluster.status(of: id))?.role == "leader"
                }
                guard let leads else { return false }
                let answer = try? cluster.request(.post, leads, "/add?value=0")
                return answer?.status == 503
                    && String(decoding: answer?.body ?? [], as: UTF8.self).contains("disk-full")
            }
        }
    }
#endif
