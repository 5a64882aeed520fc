import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

/// `tally restore`: a new cluster from what another one was.
@Suite struct RestoreTests {
    private static let step: UInt64 = 1 << 32
    private static let writeUnderKey = [
        "Idempotency-Key: once", "Tally-First-Index: 1",
    ]

    /// What is left of a cluster in which a write with a key made the value 42.
    private struct Saved {
        /// The cluster, none of whose nodes runs any more; the files lie in its directory.
        let cluster: TestCluster
        /// A backup from before that write, and one from after it.
        let earlier, file: String
        /// The entity tag and the index of the value 42.
        let tag: String
        let index: UInt64
    }

    private static func save() throws -> Saved {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        try waitForKeys(cluster)
        #expect(try cluster.request(.post, leader, "/set?value=40").status == 200)
        let files = ["earlier", "saved"].map { "\(cluster.root)/\($0).tally" }
        #expect(
            try TallyRun(["backup", files[0], "--config", cluster.configurationPath]).code == 0)
        let write = try cluster.request(.post, leader, "/add?value=2", headers: writeUnderKey)
        #expect(write.status == 200 && write.text == "42\n")
        let run = try TallyRun(["backup", files[1], "--config", cluster.configurationPath])
        #expect(run.code == 0 && run.output.contains("value 42, "), "\(run)")
        let read = try cluster.request(.get, leader, "/get")
        for node in cluster.ids { try cluster.kill(node) }
        return Saved(
            cluster: cluster, earlier: files[0], file: files[1], tag: try #require(read["ETag"]),
            index: try index(of: read))
    }

    private static func index(of answer: Response) throws -> UInt64 {
        try #require(answer["Tally-Index"].flatMap { UInt64($0) })
    }

    private func restore(
        _ file: String, to cluster: TestCluster, _ node: NodeID? = nil
    ) throws -> TallyRun {
        try TallyRun(
            ["restore", file, "--config", cluster.configurationPath, "--data", cluster.data]
                + (node.map { ["--node", "\($0)"] } ?? []))
    }

    @Test func aNewClusterServesWhatWasSaved() throws {
        let saved = try RestoreTests.save()
        let cluster = try TestCluster(timing: calmTiming)
        let run = try restore(saved.file, to: cluster)
        #expect(run.code == 0 && run.error == "", "\(run)")
        #expect(run.output.contains("value 42, index \(saved.index), term "), "\(run)")
        #expect(run.output.contains("2 keys, cluster test, "))
        #expect(run.output.contains("value 42 at index \(saved.index + RestoreTests.step), "))
        for node in cluster.ids {
            let log = try TallyRun(["log", cluster.directory(of: node), "--verify"])
            #expect(log.code == 0 && log.output.contains("value 42; "), "\(log)")
        }
        try cluster.startAllAndSettle()
        for node in cluster.ids {
            let answer = try cluster.request(.get, node, "/get")
            #expect(answer.text == "42\n")
            let tag = answer["ETag"]
            #expect(tag == "\"\(saved.index + RestoreTests.step)\"" && tag != saved.tag)
            #expect(try RestoreTests.index(of: answer) > saved.index + RestoreTests.step)
        }
        try expectNothingOldMatches(saved, in: cluster)
        let add = try TallyRun(["add", "1", "--config", cluster.configurationPath])
        #expect(add.code == 0 && add.output == "43\n", "\(add)")
        for node in cluster.ids { try cluster.kill(node) }
        let log = try TallyRun(["log", cluster.directory(of: cluster.ids[0]), "--explain"])
        #expect(log.code == 0 && log.output.contains(", restored from the backup "), "\(log)")
        try cluster.startAllAndSettle()
        for node in cluster.ids {
            #expect(try cluster.request(.get, node, "/get").text == "43\n")
        }
    }

    /// Nothing that a client knew of the cluster that was saved means anything in the new one.
    private func expectNothingOldMatches(_ saved: Saved, in cluster: TestCluster) throws {
        let leader = try cluster.leader()
        let stale = try cluster.request(
            .post, leader, "/set?value=1", headers: ["If-Match: \(saved.tag)"])
        try expectProblem(stale, 412, "precondition-failed")
        let known = try cluster.request(
            .get, leader, "/get", headers: ["If-None-Match: \(saved.tag)"])
        #expect(known.status == 200)
        let again = try cluster.request(
            .post, leader, "/add?value=2", headers: RestoreTests.writeUnderKey)
        try expectProblem(again, 409, "key-expired")
        #expect(try cluster.request(.get, leader, "/get").text == "42\n")
    }

    @Test func whatIsThereIsKept() throws {
        let saved = try RestoreTests.save()
        let cluster = try TestCluster(timing: calmTiming)
        let (first, second) = (cluster.ids[0], cluster.ids[1])
        let run = try restore(saved.file, to: cluster, second)
        #expect(run.code == 0 && run.output.contains("restore n1, n3 from the same file"))
        let names = try FileSystem.names(in: cluster.directory(of: second))
        for node in [nil, second] {
            let again = try restore(saved.earlier, to: cluster, node)
            #expect(again.code == 78 && again.output == "", "\(again)")
            #expect(again.error.contains("/\(second) is there already"), "\(again)")
        }
        #expect(try FileSystem.names(in: cluster.data) == ["\(second)"])
        #expect(try FileSystem.names(in: cluster.directory(of: second)) == names)
        // The old cluster's directories are as safe.
        let old = try restore(saved.file, to: saved.cluster, first)
        #expect(old.code == 78 && old.error.contains("/\(first) is there already"))
        let stranger = try restore(saved.file, to: cluster, NodeID("n7"))
        #expect(stranger.code == 78 && stranger.error.contains("n7 is no founding voter"))
    }

    @Test func allNodesAreRestoredFromOneBackup() throws {
        let saved = try RestoreTests.save()
        let cluster = try TestCluster(timing: calmTiming)
        let (first, second, third) = (cluster.ids[0], cluster.ids[1], cluster.ids[2])
        for node in [first, second] {
            #expect(try restore(saved.file, to: cluster, node).code == 0)
        }
        // With another backup, then with none, the third one is refused, and nothing is founded.
        for said in ["\(third) was restored from the backup ", "\(third) was not restored"] {
            if said.contains("from the backup") {
                #expect(try restore(saved.earlier, to: cluster, third).code == 0)
            }
            try cluster.startAll()
            try Waiting.until(
                "the refusal where \(said)", within: .milliseconds(20_000),
                holds: {
                    [first, second].contains {
                        cluster.standardError(of: $0).contains(said)
                    }
                        && cluster.standardError(of: third).contains(said)
                })
            for node in cluster.ids {
                #expect(try cluster.status(of: node).role == "newborn")
            }
            #expect(try cluster.terminate(third) == 0)
            cluster.wipe(third)
        }
        #expect(try restore(saved.file, to: cluster, third).code == 0)
        try cluster.startAllAndSettle()
        for node in cluster.ids {
            #expect(try cluster.request(.get, node, "/get").text == "42\n")
        }
    }

    @Test func whatIsNoBackupMakesNothing() throws {
        let saved = try RestoreTests.save()
        let cluster = try TestCluster(timing: calmTiming)
        var bytes = try FileSystem.contents(of: saved.file, limit: 1 << 20)
        bytes[bytes.count - 1] ^= 1
        let damaged = "\(cluster.root)/damaged.tally"
        try FileSystem.replaceAtomically(damaged, with: bytes)
        let run = try restore(damaged, to: cluster)
        #expect(run.code == 65 && run.error.contains("no backup, or a damaged one"), "\(run)")
        #expect(try restore(cluster.configurationPath, to: cluster).code == 65)
        #expect(try restore("\(damaged).2", to: cluster).code == 74)
        #expect(try TallyRun(["restore", saved.file]).code == 64)
        #expect(
            try TallyRun(["restore", saved.file, "--config", "\(cluster.root)/none"]).code == 78)
        #expect(try FileSystem.names(in: cluster.data).isEmpty)
    }
}
