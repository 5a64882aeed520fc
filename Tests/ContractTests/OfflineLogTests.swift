import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

/// `tally log`: a node's directory from outside, while the node runs and after its end.
@Suite struct OfflineLogTests {
    /// A cluster of one node with a few writes.
    private static func cluster() throws -> (TestCluster, NodeID) {
        let cluster = try TestCluster(nodes: 1, timing: calmTiming)
        try cluster.startAllAndSettle()
        let node = cluster.ids[0]
        for (target, value) in [("/set", "40"), ("/add", "2"), ("/add", "9223372036854775807")] {
            _ = try cluster.request(.post, node, "\(target)?value=\(value)")
        }
        return (cluster, node)
    }

    private func entries(_ run: TallyRun, _ key: String = "entries") throws -> [JSONTree] {
        try #require(try JSONTree(Array(run.output.utf8)).members[key]?.elements)
    }

    @Test func aLogIsShownEntryByEntry() throws {
        let (cluster, node) = try OfflineLogTests.cluster()
        let directory = cluster.directory(of: node)
        let running = try TallyRun(["log", directory])
        #expect(running.code == 0 && running.error == "")
        #expect(running.output.contains("process \(try cluster.pid(of: node)) runs the node"))
        #expect(try cluster.terminate(node) == 0)

        let text = try TallyRun(["log", directory])
        #expect(text.code == 0 && text.error == "")
        let lines = text.output.split(separator: "\n")
        #expect(lines.contains { $0.contains("set 40 ") && $0.hasSuffix(" 40") })
        #expect(lines.contains { $0.contains("add 2 ") && $0.hasSuffix(" 42") })
        #expect(
            lines.contains { $0.contains("add 9223372036854775807 ") && $0.contains("overflow") })
        #expect(lines.last?.contains("value 42; 1 segment; whole") == true)
        #expect(!text.output.contains("runs the node"))

        let json = try TallyRun(["log", directory, "--json"])
        #expect(json.code == 0 && json.output.split(separator: "\n").count == 1)
        let members = try JSONTree(Array(json.output.utf8)).members
        #expect(members["committedValue"] == .integer(42))
        #expect(members["faults"] == .array([]) && members["runningProcess"] == .null)
        let all = try entries(json)
        let adds = all.filter { $0.members["kind"] == .string("add") }
        #expect(adds.map { $0.members["outcome"] } == [.string("changed"), .string("overflow")])
        #expect(adds.allSatisfy { $0.members["value"] == .integer(42) })
        #expect(adds.allSatisfy { $0.members["committed"] == .bool(true) })

        let last = try #require(all.last?.members["index"])
        guard case .integer(let index) = last else { return }
        let tail = try TallyRun(["log", directory, "--json", "--from", "\(index)"])
        #expect(try entries(tail).map { $0.members["index"] } == [last])
        let records = try entries(
            try TallyRun(["log", directory, "--json", "--explain"]), "records")
        let kinds = records.compactMap { $0.members["kind"] }
        for kind in ["hard-state", "pledge", "founded", "start", "no-op", "set", "mark"] {
            #expect(kinds.contains(.string(kind)), "\(kind)")
        }
        #expect(records.allSatisfy { $0.members["file"] == .string("wal-00000001.log") })
    }

    @Test func damageIsNamedAndChangesNothing() throws {
        let (cluster, node) = try OfflineLogTests.cluster()
        #expect(try cluster.terminate(node) == 0)
        let directory = cluster.directory(of: node)
        let whole = try TallyRun(["log", directory, "--verify"])
        #expect(whole.code == 0 && whole.output.split(separator: "\n").count == 1)
        #expect(whole.output.contains("; whole"))

        let records = try entries(
            try TallyRun(["log", directory, "--json", "--explain"]), "records")
        let set = try #require(records.first { $0.members["kind"] == .string("set") })
        guard case .integer(let offset) = set.members["offset"] else { return }
        let segment = "\(directory)/wal-00000001.log"
        var bytes = try FileSystem.contents(of: segment, limit: 1 << 26)
        bytes[Int(offset) + 33] ^= 1
        try FileSystem.replaceAtomically(segment, with: bytes)
        let names = try FileSystem.names(in: directory)

        let damaged = try TallyRun(["log", directory, "--verify"])
        #expect(damaged.code == 65 && damaged.output.split(separator: "\n").count == 1)
        #expect(damaged.output.contains("wal-00000001.log is damaged at offset \(offset)"))
        let shown = try TallyRun(["log", directory])
        #expect(shown.code == 65 && shown.output.contains("no-op"))
        #expect(!shown.output.contains("set 40"))
        #expect(shown.error.contains("damaged at offset \(offset)"))
        #expect(try FileSystem.names(in: directory) == names)
        #expect(try FileSystem.contents(of: segment, limit: 1 << 26) == bytes)
    }

    @Test func whatIsNoDirectoryOfANodeIsRefused() throws {
        let missing = try TallyRun(["log", "/tmp/tally-no-such-directory"])
        #expect(missing.code == 78 && missing.output == "")
        #expect(missing.error.contains("there is no directory /tmp/tally-no-such-directory"))
        #expect(try TallyRun(["log", "/usr/bin"]).code == 78)
        #expect(try TallyRun(["log"]).code == 64)
        #expect(try TallyRun(["log", "/tmp", "--from", "x"]).code == 64)
        #expect(try TallyRun(["log", "/tmp", "--verify", "--explain"]).code == 64)
    }
}
