import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

/// `tally backup`, from a running cluster and from what is left of one.
@Suite struct BackupTests {
    private static func cluster(nodes: Int) throws -> TestCluster {
        let cluster = try TestCluster(nodes: nodes, timing: calmTiming)
        try cluster.startAllAndSettle()
        let leader = try cluster.agreedLeader()
        for (target, value) in [("/set", "40"), ("/add", "2")] {
            let answer = try cluster.request(.post, leader, "\(target)?value=\(value)")
            #expect(answer.status == 200)
        }
        return cluster
    }

    @Test func aRunningClusterIsSaved() throws {
        let cluster = try BackupTests.cluster(nodes: 3)
        let file = "\(cluster.root)/saved.tally"
        let run = try TallyRun(["backup", file, "--config", cluster.configurationPath])
        #expect(run.code == 0 && run.error == "")
        #expect(run.output.hasPrefix("\(file): value 42, index "))
        #expect(run.output.contains("0 keys, cluster test, "))
        let bytes = try FileSystem.contents(of: file, limit: 1 << 20)
        #expect(bytes.starts(with: Array("TALLYSNP".utf8)))
        #expect(!(try FileSystem.exists("\(file).new")))

        let again = try TallyRun(["backup", file, "--config", cluster.configurationPath])
        #expect(again.code == 64 && again.error.contains("--force"))
        #expect(try FileSystem.contents(of: file, limit: 1 << 20) == bytes)
        #expect(
            try TallyRun(["add", "1", "--config", cluster.configurationPath]).output == "43\n")
        let forced = try TallyRun(
            ["backup", file, "--force", "--config", cluster.configurationPath])
        #expect(forced.code == 0 && forced.output.contains("value 43, "))
        #expect(forced.output.contains("1 key, "))

        let piped = try TallyRun(
            shell: "\"$0\" backup - --url http://$1 | head -c 8",
            ["\(cluster.http(cluster.ids[1]))"])
        #expect(piped.output == "TALLYSNP" && piped.error.contains("backup: value 43, "))
        let nowhere = try TallyRun(
            ["backup", "/tmp/tally-no-such/file", "--config", cluster.configurationPath])
        #expect(nowhere.code == 74)
        for node in cluster.ids { try cluster.kill(node) }
        let late = try TallyRun(
            ["backup", "\(file).2", "--timeout", "2", "--config", cluster.configurationPath])
        #expect(late.code == 69)
        #expect(!(try FileSystem.exists("\(file).2")))
    }

    @Test func aDirectoryIsSavedWithoutItsNode() throws {
        let cluster = try BackupTests.cluster(nodes: 1)
        let node = cluster.ids[0]
        let directory = cluster.directory(of: node)
        #expect(try cluster.terminate(node) == 0)
        let names = try FileSystem.names(in: directory)
        let file = "\(cluster.root)/saved.tally"
        let run = try TallyRun(["backup", file, "--from", directory])
        #expect(run.code == 0 && run.error == "")
        #expect(run.output.contains("value 42, index "))
        #expect(run.output.contains("no entry follows that n1 knows of"))
        #expect(try FileSystem.names(in: directory) == names)

        #expect(
            try TallyRun(["backup", "\(file).2", "--from", directory, "--timeout", "1"]).code == 64)
        #expect(try TallyRun(["backup", "\(file).2", "--from", "/tmp/tally-no-such"]).code == 78)
        let segment = "\(directory)/wal-00000001.log"
        var bytes = try FileSystem.contents(of: segment, limit: 1 << 26)
        bytes[70] ^= 1
        try FileSystem.replaceAtomically(segment, with: bytes)
        let damaged = try TallyRun(["backup", "\(file).2", "--from", directory])
        #expect(damaged.code == 65 && damaged.error.contains("wal-00000001.log is damaged"))
        #expect(!(try FileSystem.exists("\(file).2")))
    }
}
