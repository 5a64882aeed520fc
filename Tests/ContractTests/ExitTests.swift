import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

/// How `tally serve` ends.
@Suite struct ExitTests {
    @Test(arguments: [
        ["serve"], ["serve", "--node", "n1"], ["serve", "--config", "x.json"],
        ["serve", "--config", "x.json", "--node"],
        ["serve", "--config", "x.json", "--node", "a b"],
        ["serve", "--config", "x.json", "--node", "n1", "--port", "1"],
        ["serve", "--config", "x.json", "--node", "n1", "more"], ["serf"], [],
    ])
    func usageIs64(_ arguments: [String]) throws {
        let run = try TallyRun(arguments)
        #expect(run.code == 64)
        #expect(run.output.isEmpty)
        let lines = run.error.split(separator: "\n")
        #expect(lines.count == 2 && lines.last?.contains("--help") == true)
    }

    @Test(arguments: [
        ("", "$"), ("{", "$"), ("[]", "$"), ("{\"cluster\":\"c\",\"nodes\":[]}", "nodes"),
        ("{\"cluster\":\"c\",\"nodes\":[NODE],\"colour\":1}", "colour"),
        ("{\"cluster\":\"c\",\"nodes\":[NODE],\"cluster\":\"d\"}", "cluster"),
        ("{\"cluster\":\"a b\",\"nodes\":[NODE]}", "cluster"),
        ("{\"cluster\":\"c\",\"nodes\":[NODE,NODE]}", "nodes[1]"),
        (
            "{\"cluster\":\"c\",\"nodes\":[NODE],\"timing\":{\"heartbeatMilliseconds\":100}}",
            "timing"
        ),
    ])
    func faultsOfTheFileAre78(_ text: String, _ path: String) throws {
        let cluster = try TestCluster(nodes: 1)
        let node =
            "{\"id\":\"n1\",\"http\":\"127.0.0.1:1\",\"raft\":\"127.0.0.1:2\","
            + "\"gossip\":\"127.0.0.1:3\"}"
        try write(text.replacing("NODE", with: node), as: "\(cluster.root)/other.json")
        let run = try serve(cluster, file: "\(cluster.root)/other.json")
        #expect(run.code == 78)
        #expect(run.error.contains(path), "\(run.error)")
        #expect(try !FileSystem.exists(cluster.directory(of: cluster.ids[0])))
    }

    @Test func aFileThatIsNotThereIs78() throws {
        let cluster = try TestCluster(nodes: 1)
        let run = try serve(cluster, file: "\(cluster.root)/nothing.json")
        #expect(run.code == 78)
        #expect(run.error.contains("\(cluster.root)/nothing.json"))
    }

    @Test func aNodeThatIsNotInTheFileIs78() throws {
        let cluster = try TestCluster(nodes: 1)
        let run = try TallyRun([
            "serve", "--config", cluster.configurationPath, "--node", "n9", "--data", cluster.data,
        ])
        #expect(run.code == 78)
        #expect(run.error.contains("n9"))
        #expect(try FileSystem.names(in: cluster.data).isEmpty)
    }

    @Test func anotherIdentityIs78AndNamesBoth() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        try cluster.startAllAndSettle()
        try cluster.terminate(node)
        let text = String(
            decoding: try FileSystem.contents(of: cluster.configurationPath, limit: 1 << 16),
            as: UTF8.self)
        let path = "\(cluster.root)/other.json"
        try write(text.replacing("\"test\"", with: "\"second\""), as: path)
        // Its ports are taken as well, which is looked at later.
        let taken = try TCPListener(bindingTo: cluster.http(node))
        let run = try serve(cluster, file: path)
        _ = consume taken
        #expect(run.code == 78)
        #expect(run.error.contains("cluster test") && run.error.contains("cluster second"))
        // The directory was not harmed.
        try cluster.startAllAndSettle()
    }

    @Test func otherFoundingVotersAre78AndNamed() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        try cluster.terminate(cluster.ids[0])
        let other = try TestCluster(nodes: 3)
        try write(
            String(
                decoding: try FileSystem.contents(of: other.configurationPath, limit: 1 << 16),
                as: UTF8.self), as: cluster.configurationPath)
        let run = try serve(cluster)
        #expect(run.code == 78)
        #expect(run.error.contains("n1, n2, n3"))
    }

    @Test func anEmptiedDirectoryIs78AndSaysWhatToDo() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        let node = try #require(cluster.ids.first { $0 != leader })
        let identity = try FileSystem.contents(
            of: "\(cluster.directory(of: node))/identity", limit: 1 << 10)
        try cluster.terminate(node)
        cluster.wipe(node)
        try cluster.start(node)
        #expect(try cluster.waitForExit(node) == 78)
        let fresh = try FileSystem.contents(
            of: "\(cluster.directory(of: node))/identity", limit: 1 << 10)
        let said = try #require(
            cluster.standardError(of: node).split(separator: "\n").last.map(String.init))
        for disk in [identity, fresh].map(diskNumber) {
            #expect(said.contains(disk), "\(disk) is not in: \(said)")
        }
        #expect(try cluster.request(.post, leader, "/set?value=1").status == 200)
    }

    /// The disk's number as messages write it: 16 hexadecimal digits (docs/disk-format.md).
    private func diskNumber(_ identity: [UInt8]) -> String {
        let number = (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(identity[16 + $1]) }
        return String(number, radix: 16)
    }

    @Test func aTakenAddressIs71() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        for (what, address) in [("http", cluster.http(node)), ("raft", try cluster.raft(node))] {
            let taken = try TCPListener(bindingTo: address)
            let run = try serve(cluster)
            #expect(run.code == 71)
            #expect(run.error.contains("the \(what) address \(address)"))
            _ = consume taken
        }
        try cluster.startAllAndSettle()
    }

    @Test func aDirectoryInUseIs74AndNamesTheHolder() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        // Lock before sockets: the ports are the running node's, too.
        let run = try serve(cluster)
        #expect(run.code == 74)
        #expect(run.error.contains("\(try cluster.pid(of: cluster.ids[0]))"))
        #expect(try cluster.request(.get, cluster.ids[0], "/get").status == 200)
    }

    @Test func aDirectoryThatCanNotBeMadeIs74() throws {
        let cluster = try TestCluster(nodes: 1)
        try write("in the way", as: cluster.directory(of: cluster.ids[0]))
        #expect(try serve(cluster).code == 74)
    }

    @Test func aFileInAPlaceOfAnotherKindIsNoFailureOfTheDisk() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        try cluster.startAllAndSettle()
        try cluster.terminate(node)
        let identity = "\(cluster.directory(of: node))/identity"
        try FileSystem.rename(identity, to: identity + ".aside")
        try FileSystem.createDirectory(identity)
        let run = try serve(cluster)
        #expect(run.code == 74)
        #expect(run.error.contains("\(identity): Is a directory"), "\(run.error)")
        #expect(!run.error.contains("the disk failed"), "\(run.error)")
    }

    @Test func aFlippedBitIs65AndNothingIsTouched() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        try cluster.startAllAndSettle()
        for _ in 0..<10 { _ = try cluster.request(.post, node, "/add?value=1") }
        try cluster.terminate(node)
        let directory = cluster.directory(of: node)
        let name = try #require(
            try FileSystem.names(in: directory).first { $0.hasPrefix("wal-") })
        let path = "\(directory)/\(name)"
        let good = try FileSystem.contents(of: path, limit: 1 << 26)
        for offset in [8, 40, 64, 100, 200] {
            var bad = good
            bad[offset] ^= 0x10
            try FileSystem.replaceAtomically(path, with: bad)
            let names = try FileSystem.names(in: directory)
            let run = try serve(cluster)
            #expect(run.code == 65, "offset \(offset): \(run.error)")
            #expect(run.error.contains(name) && run.error.contains("offset"))
            #expect(try FileSystem.contents(of: path, limit: 1 << 26) == bad)
            #expect(try FileSystem.names(in: directory) == names)
        }
        try FileSystem.replaceAtomically(path, with: good)
        try cluster.startAllAndSettle()
        #expect(try cluster.request(.get, node, "/get").text == "10\n")
    }

    @Test(arguments: [Signal.terminate, .interrupt, .hangup])
    func signalsEndWith0(_ signal: Signal) throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        #expect(try cluster.request(.post, leader, "/set?value=5").status == 200)
        let others = cluster.ids.filter { $0 != leader }
        for node in [others[0], leader, others[1]] {
            // A client that rests does not hold the end up.
            let idle = try cluster.connect(to: node)
            #expect(try cluster.terminate(node, with: signal, within: .milliseconds(5_000)) == 0)
            #expect(idle.isEnded())
        }
    }

    @Test func closedStreamsAreNobodysFiles() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        try cluster.startWithoutStreams(node)
        try cluster.startAllAndSettle()
        #expect(try cluster.request(.post, node, "/set?value=5").status == 200)
        // What the node says goes nowhere, least of all into its own files.
        for name in try FileSystem.names(in: cluster.directory(of: node)) {
            let bytes = try FileSystem.contents(
                of: "\(cluster.directory(of: node))/\(name)", limit: 1 << 26)
            #expect(!String(decoding: bytes, as: UTF8.self).contains("serving on"), "\(name)")
        }
        #expect(try cluster.terminate(node) == 0)
        try cluster.startAllAndSettle()
        #expect(try cluster.request(.get, node, "/get").text == "5\n")
    }

    @Test(.enabled(if: (try? FileSystem.names(in: "/dev"))?.contains("full") ?? false))
    func resultsThatNobodyGetsAreNotFine() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let commands = [
            ["--version"], ["--help"], ["check", cluster.configurationPath],
            ["add", "5", "--config", cluster.configurationPath],
            ["get", "--config", cluster.configurationPath],
            ["status", "--config", cluster.configurationPath],
        ]
        for command in commands {
            let run = try TallyRun(command, to: "/dev/full")
            #expect(run.code == 74, "\(command)")
            #expect(run.error.contains("can't write to standard output"), "\(command)")
        }
        #expect(try cluster.request(.get, cluster.ids[0], "/get").text == "5\n")
    }

    private func serve(_ cluster: TestCluster, file: String? = nil) throws -> TallyRun {
        try TallyRun([
            "serve", "--config", file ?? cluster.configurationPath, "--node", "n1", "--data",
            cluster.data,
        ])
    }

    private func write(_ text: String, as path: String) throws {
        try FileSystem.replaceAtomically(path, with: Array(text.utf8))
    }
}
