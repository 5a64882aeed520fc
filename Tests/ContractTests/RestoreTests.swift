import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

/// `tally restore`: a new cluster from what another one was.
@Suite struct RestoreTests {
    private static let step: UInt64 = 1 << 32

    /// A backup of a cluster in which a write with the key `k1` made the value 42, and the entity tag of
    /// that value.
    private static func backup() throws -> (cluster: TestCluster, file: String, tag: String) {
        let cluster = try TestCluster(timing: calmTiming)
        try cluster.startAllAndSettle()
        let leader = try cluster.agreedLeader()
        let set = try cluster.request(.post, leader, "/set?value=40")
        #expect(set.status == 200)
        // Keys are known once all nodes are known to know them.
        try Waiting.until(
            "a write with a key",
            holds: {
                try cluster.request(
                    .post, leader, "/add?value=2",
                    headers: ["Idempotency-Key: k1", "Tally-First-Index: 1"]
                ).status == 200
            })
        let file = "\(cluster.root)/saved.tally"
        let run = try TallyRun(["backup", file, "--config", cluster.configurationPath])
        #expect(run.code == 0 && run.output.contains("value 42, "), "\(run)")
        let tag = try cluster.request(.get, leader, "/get")["ETag"]
        for node in cluster.ids { try cluster.kill(node) }
        return (cluster, file, try #require(tag))
    }

    private func restore(_ file: String, to cluster: TestCluster, _ node: NodeID? = nil) throws
        -> TallyRun
    {
        try TallyRun(
            ["restore", file, "--config", cluster.configurationPath, "--data", cluster.data]
                + (node.map { ["--node", "\($0)"] } ?? []))
    }

    private func expectValue(_ value: Int64, at cluster: TestCluster) throws {
        for node in cluster.ids {
            let answer = try cluster.request(.get, node, "/get")
            #expect(answer.body == Array("\(value)\n".utf8))
            #expect((answer["Tally-Index"].flatMap { UInt64($0) } ?? 0) > RestoreTests.step)
        }
    }

    @Test func aNewClusterServesWhatWasSaved() throws {
        let (old, file, tag) = try RestoreTests.backup()
        let cluster = try TestCluster(timing: calmTiming)
        let run = try restore(file, to: cluster)
        #expect(run.code == 0 && run.error == "", "\(run)")
        #expect(run.output.contains("value 42, index ") && run.output.contains("1 key, "))
        for node in cluster.ids {
            let log = try TallyRun(["log", cluster.directory(of: node), "--verify"])
            #expect(log.code == 0 && log.output.contains("value 42; "), "\(log)")
        }
        let again = try restore(file, to: cluster)
        #expect(again.code == 78 && again.error.contains("is there already"))

        try cluster.startAllAndSettle()
        try expectValue(42, at: cluster)
        let leader = try cluster.agreedLeader()
        #expect(try cluster.status(of: leader).firstIndex > RestoreTests.step)
        // Nothing that was known before means anything now.
        let stale = try cluster.request(
            .post, leader, "/set?value=1", headers: ["If-Match: \(tag)"])
        try expectProblem(stale, 412, "precondition-failed")
        let repeated = try cluster.request(
            .post, leader, "/add?value=2",
            headers: ["Idempotency-Key: k1", "Tally-First-Index: 1"])
        try expectProblem(repeated, 409, "key-expired")
        let add = try TallyRun(["add", "1", "--config", cluster.configurationPath])
        #expect(add.code == 0 && add.output == "43\n", "\(add)")
        for node in cluster.ids { try cluster.kill(node) }
        try cluster.startAllAndSettle()
        try expectValue(43, at: cluster)
        _ = old
    }

    @Test func allNodesAreRestoredFromOneBackupOrNone() throws {
        let (old, file, _) = try RestoreTests.backup()
        let cluster = try TestCluster(timing: calmTiming)
        let (first, second, third) = (cluster.ids[0], cluster.ids[1], cluster.ids[2])
        let run = try restore(file, to: cluster, first)
        #expect(run.code == 0 && run.output.contains("restore n2, n3 from the same file"))
        #expect(try restore(file, to: cluster, second).code == 0)
        for node in cluster.ids { try cluster.start(node) }
        try Waiting.until(
            "the refusal of a node with nothing", within: .milliseconds(20_000),
            holds: {
                cluster.standardError(of: third).contains("n3 was not restored from a backup")
            })
        #expect(try cluster.status(of: first).role == "newborn")
        #expect(try cluster.terminate(third) == 0)
        cluster.wipe(third)
        #expect(try restore(file, to: cluster, third).code == 0)
        try cluster.startAllAndSettle()
        try expectValue(42, at: cluster)
        _ = old
    }

    @Test func whatIsNoBackupMakesNothing() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let file = "\(cluster.root)/none.tally"
        try FileSystem.replaceAtomically(file, with: Array("TALLYSNP and no more".utf8))
        let run = try restore(file, to: cluster)
        #expect(run.code == 65 && run.error.contains("no backup, or a damaged one"))
        #expect(try restore("\(file).2", to: cluster).code == 74)
        #expect(try TallyRun(["restore", file]).code == 64)
        #expect(try FileSystem.names(in: cluster.data).isEmpty)
    }
}
