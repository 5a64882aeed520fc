import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// Disks that were lost, and disks that are there twice.
    @Suite struct AmnesiaTests {
        @Test(arguments: ["n1", "n2", "n3"]) func aDirectoryIsWiped(name: String) throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let value = try cluster.add(5)
            let lost = try #require(NodeID(name))
            try cluster.kill(lost)
            cluster.wipe(lost)
            let before = cluster.standardError(of: lost).utf8.count
            try cluster.start(lost)
            #expect(try cluster.waitForExit(lost) == 78)
            let said = cluster.standardError(of: lost, after: before)
            #expect(said.contains("data directory was replaced or emptied"))
            #expect(said.contains("this is \(name) with disk"))
            #expect(try cluster.linearizableValue() == value)
            #expect(try cluster.add(1) == value + 1)
        }

        @Test func twoDirectoriesAreWiped() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let value = try cluster.add(5)
            try cluster.settle()
            let keeper = try cluster.agreedLeader()
            let lost = cluster.ids.filter { $0 != keeper }
            for id in cluster.ids { try cluster.kill(id) }
            for id in lost { cluster.wipe(id) }

            // The two alone: nobody ever leads. Six times the longest election timeout.
            for id in lost { try cluster.start(id) }
            try Waiting.until(
                "both to answer",
                holds: {
                    lost.allSatisfy { (try? cluster.status(of: $0)) != nil }
                })
            try Waiting.until(
                "the two to have been alone for long",
                holds: {
                    let pages = try lost.map { try cluster.status(of: $0) }
                    for page in pages {
                        #expect(page.role == "newborn" && page.leader == nil && page.term == 0)
                        #expect(page.waitingFor.contains("\(keeper)"))
                    }
                    return pages.allSatisfy { $0.uptimeMilliseconds > 1_800 }
                })
            let write = try cluster.request(.post, lost[0], "/add?value=1")
            #expect(write.status == 503 && write.text.contains("\"forming\""))

            // The third back: it remembers, so the two must end.
            let term = try startAlone(keeper, beside: lost, in: cluster)
            try Waiting.until(
                "\(keeper) to have been alone for long",
                holds: {
                    let page = try cluster.status(of: keeper)
                    #expect(page.role != "leader" && page.leader == nil && page.term == term)
                    return page.uptimeMilliseconds > 1_800
                })
            let stale = try cluster.request(.get, keeper, "/get?consistency=stale")
            #expect(stale.status == 200 && stale.value == value)
            #expect(try cluster.request(.get, keeper, "/get").status == 503)
            #expect(try cluster.request(.post, keeper, "/add?value=1").status == 503)
        }

        private func startAlone(
            _ keeper: NodeID, beside lost: [NodeID], in cluster: TestCluster
        ) throws -> UInt64 {
            let before = lost.map { cluster.standardError(of: $0).utf8.count }
            try cluster.start(keeper)
            for (id, count) in zip(lost, before) {
                #expect(try cluster.waitForExit(id) == 78)
                let said = cluster.standardError(of: id, after: count)
                #expect(said.contains("put it back") && said.contains("start again"))
            }
            return try Waiting.until("\(keeper) to answer") { try? cluster.status(of: keeper).term }
        }

        @Test(arguments: ["n1", "n2", "n3"], [true, false])
        func aDirectoryIsCopied(name: String, leads: Bool) throws {
            let cluster = try TestCluster(timing: .steady)
            try cluster.startAllAndSettle()
            let original = try #require(NodeID(name))
            try bring(original, toLead: leads, in: cluster)
            let value = try cluster.add(7)
            try cluster.settle()
            let before = try cluster.status(of: original)
            let copy = try Copy(of: original, in: cluster)
            #expect(try copy.waitForExit() == 78)
            #expect(copy.standardError.contains("another process runs \(name)"))
            let after = try cluster.status(of: original)
            #expect(after.term == before.term && after.leader == before.leader)
            #expect(after.uptimeMilliseconds >= before.uptimeMilliseconds)
            #expect(try cluster.linearizableValue() == value)
        }

        /// Kills leaders until that node leads, or does not.
        private func bring(
            _ node: NodeID, toLead leads: Bool, in cluster: TestCluster
        ) throws {
            for _ in 0..<20 {
                let leader = try cluster.agreedLeader()
                if (leader == node) == leads { return }
                try cluster.kill(leader)
                _ = try cluster.agreedLeader()
                try cluster.startAllAndSettle()
            }
            throw HarnessError.unexpected("\(node) \(leads ? "never" : "always") leads")
        }

        /// A directory that comes out of a backup has forgotten what the node promised since.
        @Test(arguments: ["n1", "n3"]) func anOldCopyIsPutBack(name: String) throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let node = try #require(NodeID(name))
            let directory = cluster.directory(of: node)
            #expect(try cluster.terminate(node) == 0)
            let old = try contents(of: directory)
            try cluster.start(node)
            let value = try cluster.add(5)
            try cluster.settle()
            try cluster.kill(node)
            let newest = try contents(of: directory)

            // However often it is started, it never counts up to what the others have seen.
            try put(old, in: directory, of: cluster, node)
            for start in 3...6 {
                let before = cluster.standardError(of: node).utf8.count
                try cluster.start(node)
                #expect(try cluster.waitForExit(node) == 78, "start \(start)")
                let said = cluster.standardError(of: node, after: before)
                #expect(said.contains("was put back from an old copy"))
                #expect(said.contains("If the newest directory still exists, put that one back"))
                #expect(said.contains("start 2 of \(name)"))
            }
            #expect(try cluster.linearizableValue() == value)

            try put(newest, in: directory, of: cluster, node)
            try cluster.start(node)
            try cluster.settle()
            #expect(try cluster.linearizableValue() == value)
        }

        private func contents(of directory: String) throws -> [(name: String, bytes: [UInt8])] {
            try FileSystem.names(in: directory).filter { $0 != "lock" }.map { name in
                (name, try FileSystem.contents(of: "\(directory)/\(name)", limit: 1 << 26))
            }
        }

        private func put(
            _ files: [(name: String, bytes: [UInt8])], in directory: String,
            of cluster: TestCluster, _ node: NodeID
        ) throws {
            cluster.wipe(node)
            try FileSystem.createDirectory(directory)
            for file in files {
                try FileSystem.replaceAtomically("\(directory)/\(file.name)", with: file.bytes)
            }
        }

        @Test func aDirectoryIsInUse() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let id = cluster.ids[0]
            let second = try Copy(
                of: id, in: cluster, configuration: cluster.configurationPath, data: cluster.data)
            #expect(try second.waitForExit() == 74)
            #expect(second.standardError.contains("\(try cluster.pid(of: id))"))
            #expect(try cluster.request(.get, id, "/get").status == 200)
        }
    }
}

/// A second process of a node.
final class Copy {
    private let child: ChildProcess
    private let errorPipe: Pipe

    /// Starts a second process on a copy of the node's directory, and on ports of its own.
    convenience init(of original: NodeID, in cluster: TestCluster) throws {
        let data = "\(cluster.root)/copy"
        let directory = "\(data)/\(original)"
        try FileSystem.createDirectory(directory)
        for name in try FileSystem.names(in: cluster.directory(of: original)) where name != "lock" {
            let from = "\(cluster.directory(of: original))/\(name)"
            let bytes = try FileSystem.contents(of: from, limit: 1 << 26)
            try FileSystem.replaceAtomically("\(directory)/\(name)", with: bytes)
        }
        func address() throws -> Address { try Address("127.0.0.1:\(try Ports.free())") }
        let nodes = try cluster.ids.map { id in
            let isOriginal = id == original
            return NodeConfiguration(
                id: id,
                addresses: NodeAddresses(
                    http: isOriginal ? try address() : try Address("\(cluster.http(id))"),
                    raft: isOriginal ? try address() : try Address("\(try cluster.raft(id))"),
                    gossip: try address()))
        }
        let configuration = ClusterConfiguration(cluster: cluster.name, nodes: nodes)
        try FileSystem.replaceAtomically(
            "\(cluster.root)/copy.json", with: Array(configuration.jsonText.utf8))
        try self.init(
            of: original, in: cluster, configuration: "\(cluster.root)/copy.json", data: data)
    }

    /// Starts a second process of the node with that file and that `--data`.
    init(
        of id: NodeID, in cluster: TestCluster, configuration: String, data: String
    ) throws {
        var pipe = try Pipe(childsEnd: .writing)
        child = try ChildProcess.spawn(
            executable: try TallyBinary.path(),
            arguments: ["serve", "--config", configuration, "--node", "\(id)", "--data", data],
            input: .null, output: .null, error: .descriptor(pipe.writingEnd))
        pipe.closeWritingEnd()
        errorPipe = pipe
    }

    deinit {
        try? child.send(.kill)
        _ = try? child.wait()
    }

    /// Its exit code.
    func waitForExit() throws -> Int32 {
        let exit = try Waiting.until("the end of a second process") { try child.poll() }
        guard case .code(let code) = exit else { throw HarnessError.unexpected("\(exit)") }
        return code
    }

    /// What it said before it ended.
    var standardError: String {
        var bytes = [UInt8](repeating: 0, count: 64 * 1_024)
        guard
            case .bytes(let count)? = try? ByteStream.read(
                errorPipe.readingEnd, into: &bytes, at: 0)
        else { return "" }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
