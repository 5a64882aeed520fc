import Configuration
import HTTP
import Posix
import Primitives
import Synchronization

/// Nodes of one cluster as processes of the shipped program on free loopback ports, in a directory of
/// their own. All that it started is gone when the last reference is, or when the tests end.
public final class TestCluster: Sendable {
    /// What a node's config file says of the other nodes.
    public enum Acquaintance: Sendable {
        /// Their addresses, in one file for all.
        case addresses
        /// Their ids alone, and one gossip address to join through: that of the node at this place.
        case ids(seed: Int)
    }

    /// The ids of all nodes of the file, in its order: `n1`, `n2` and so on.
    public let ids: [NodeID]
    /// The file that all nodes are started with, where they know each other's addresses.
    public let configurationPath: String
    /// The directory in which the file, the nodes' directories and what they wrote lie.
    public let root: String
    /// The cluster's name.
    public let name = "test"

    private let executable: String
    private let nodes: Mutex<[Node]>
    /// The entries of all nodes as they were at first.
    private let entries: [NodeConfiguration]
    private let timing: TimingConfiguration
    private let acquaintance: Acquaintance

    /// Makes directory and config file. Nothing is started yet.
    ///
    /// - Parameters:
    ///   - count: How many nodes.
    ///   - timing: The file's `timing`.
    ///   - acquaintance: What the nodes know of each other.
    ///   - hostName: What stands in the file instead of 127.0.0.1.
    public init(
        nodes count: Int = 3, timing: TimingConfiguration = .standard,
        knowing acquaintance: Acquaintance = .addresses, hostName: String? = nil
    ) throws {
        executable = try TallyBinary.path()
        root = "/tmp/tally-test-\(String(Entropy.uint64(), radix: 36))"
        configurationPath = "\(root)/cluster.json"
        try FileSystem.createDirectory("\(root)/data")
        Warden.shared.watch(directory: root)
        var made: [Node] = []
        for number in 1...count {
            guard let id = NodeID("n\(number)") else { preconditionFailure("n\(number)") }
            made.append(try Node(id, errorPath: "\(root)/\(id).err", hostName: hostName))
        }
        ids = made.map(\.id)
        entries = try made.map { try $0.entry() }
        self.timing = timing
        self.acquaintance = acquaintance
        for node in made { node.configurationPath = configurationPath }
        nodes = Mutex(made)
        let all = ClusterConfiguration(cluster: name, nodes: entries, timing: timing)
        try FileSystem.replaceAtomically(configurationPath, with: Array(all.jsonText.utf8))
        if case .ids = acquaintance { for id in ids { try writeConfiguration(of: id) } }
    }

    deinit {
        nodes.withLock { for node in $0 { try? node.kill() } }
        Directories.remove(root)
    }

    /// Starts a node: `tally serve --config FILE --node ID --data ROOT/data`.
    ///
    /// - Parameter openFiles: The node's hard limit of open files, where the test needs a low one.
    public func start(_ id: NodeID, openFiles: Int? = nil) throws {
        try start(id, after: openFiles.map { "ulimit -n \($0)" })
    }

    /// Starts a node without standard input, output and error, as some supervisors do.
    public func startWithoutStreams(_ id: NodeID) throws {
        try start(id, after: "exec <&- >&- 2>&-")
    }

    /// Starts a node with more options than those that every node gets.
    public func start(_ id: NodeID, with options: [String]) throws {
        try start(id, after: nil, with: options)
    }

    /// Starts a node as systemd does when it reads standard error itself; only on Linux.
    public func startUnderJournal(_ id: NodeID) throws {
        try start(id, after: "export JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2)")
    }

    /// Starts a node whose disk waits before each sync as long as `setDisk` says; only on Linux.
    public func startOnSlowDisk(_ id: NodeID) throws {
        try start(id, after: preloading("slow_disk", "SLOW_DISK", of: id))
    }

    /// How many milliseconds a node's disk waits before each sync from now on; nil without end, until
    /// this says something else.
    public func setDisk(of id: NodeID, delay milliseconds: Int?) throws {
        try FileSystem.replaceAtomically(
            "\(root)/disk-\(id)", with: Array("\(milliseconds ?? -1)".utf8))
    }

    /// Starts a node whose directory holds as many bytes as `setRoom` says; only on Linux.
    public func startOnSmallDisk(_ id: NodeID) throws {
        try start(
            id,
            after: preloading("small_disk", "SMALL_DISK", of: id)
                + " SMALL_DISK_DIRECTORY=\(directory(of: id))")
    }

    /// How many more bytes a node's directory may hold from now on; nil for no bound.
    public func setRoom(of id: NodeID, _ bytes: Int?) throws {
        var bound = -1
        if let bytes {
            let names = try FileSystem.names(in: directory(of: id))
            bound = try names.reduce(bytes) { sum, name in
                try sum + File("\(directory(of: id))/\(name)", .readOnly).size()
            }
        }
        try FileSystem.replaceAtomically("\(root)/disk-\(id)", with: Array("\(bound)".utf8))
    }

    /// Shell words that build a library from `Tests/SlowDisk` with the compiler that links every Swift
    /// program, and have it loaded, with the node's file in that variable.
    private func preloading(_ source: String, _ variable: String, of id: NodeID) -> String {
        let sources = FileSystem.parent(of: FileSystem.parent(of: #filePath)) + "/SlowDisk"
        let library = "\(root)/\(source)-\(id).so"
        return """
            clang -shared -fPIC -O1 -o \(library) \(sources)/\(source).c && \
            export LD_PRELOAD=\(library) \(variable)=\(root)/disk-\(id)
            """
    }

    private func start(
        _ id: NodeID, after command: String?, with options: [String] = []
    ) throws {
        try withNode(id) { node in
            let serve =
                [
                    "serve", "--config", node.configurationPath, "--node", "\(id)", "--data", data,
                ] + options
            guard let command else { return try node.start(executable, serve) }
            try node.start(
                "/bin/sh",
                ["-c", "\(command) && exec \"$0\" \"$@\"", executable] + serve)
        }
    }

    /// Starts all nodes that do not run.
    public func startAll() throws {
        for id in ids where !isRunning(id) { try start(id) }
    }

    /// Ends a node with SIGKILL; it is gone when this returns. Nothing happens where it is gone already.
    public func kill(_ id: NodeID) throws { try withNode(id) { try $0.kill() } }

    /// Lets a node stand still with SIGSTOP.
    public func stop(_ id: NodeID) throws { try withNode(id) { try $0.send(.stop) } }

    /// Lets a node that stands still go on.
    public func resume(_ id: NodeID) throws { try withNode(id) { try $0.send(.resume) } }

    /// Sends a node a signal.
    public func send(_ signal: Signal, to id: NodeID) throws {
        try withNode(id) { try $0.send(signal) }
    }

    /// Asks a node to end, with SIGTERM unless another signal is given, and waits for its exit code.
    @discardableResult
    public func terminate(
        _ id: NodeID, with signal: Signal = .terminate,
        within limit: Timespan = .milliseconds(10_000)
    ) throws -> Int32 {
        try send(signal, to: id)
        return try waitForExit(id, within: limit)
    }

    /// Waits until a node has ended by itself, and gives its exit code.
    public func waitForExit(
        _ id: NodeID, within limit: Timespan = .milliseconds(10_000)
    ) throws -> Int32 {
        let exit = try Waiting.until("the end of \(id)", within: limit) {
            try withNode(id) { try $0.reap() }
        }
        guard case .code(let code) = exit else {
            throw HarnessError.unexpected("\(id) ended by \(exit): \(standardError(of: id))")
        }
        return code
    }

    /// Whether a node was started and its end not seen.
    public func isRunning(_ id: NodeID) -> Bool {
        (try? withNode(id) { $0.child != nil }) ?? false
    }

    /// Whether a node runs and does not stand still.
    public func isTurning(_ id: NodeID) -> Bool {
        (try? withNode(id) { $0.child != nil && !$0.isStopped }) ?? false
    }

    /// The number of a node's process.
    public func pid(of id: NodeID) throws -> Int32 {
        guard let pid = try withNode(id, { $0.child?.pid }) else {
            throw HarnessError.unexpected("\(id) does not run")
        }
        return pid
    }

    /// What a node has written on standard error in all its lives.
    public func standardError(of id: NodeID) -> String {
        let bytes = (try? FileSystem.contents(of: "\(root)/\(id).err", limit: 1 << 24)) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The directory above the nodes' own, as `--data` names it.
    public var data: String { "\(root)/data" }

    /// A node's own directory.
    public func directory(of id: NodeID) -> String { "\(data)/\(id)" }

    /// Removes all that a node has on disk.
    public func wipe(_ id: NodeID) {
        precondition(!isRunning(id), "\(id) runs")
        Directories.remove(directory(of: id))
    }

    /// Where clients reach a node.
    public func http(_ id: NodeID) -> SocketAddress {
        nodes.withLock { nodes in
            guard let node = nodes.first(where: { $0.id == id }) else {
                preconditionFailure("no node \(id)")
            }
            return node.http
        }
    }

    /// Where peers reach a node.
    public func raft(_ id: NodeID) throws -> SocketAddress { try withNode(id) { $0.raft } }

    /// Where members gossip with a node.
    public func gossip(_ id: NodeID) throws -> SocketAddress { try withNode(id) { $0.gossip } }

    /// Gives a node that does not run other ports, in a config file of its own. The files of the others
    /// stay as they are.
    public func move(_ id: NodeID) throws {
        try withNode(id) { try $0.move() }
        try writeConfiguration(of: id)
    }

    /// Writes a file for one node: its own addresses, and what it knows of the others.
    private func writeConfiguration(of id: NodeID) throws {
        let path = "\(root)/\(id).json"
        let own = try withNode(id) { node in
            node.configurationPath = path
            return try node.entry()
        }
        var configuration = ClusterConfiguration(
            cluster: name, nodes: entries.map { $0.id == id ? own : $0 }, timing: timing)
        if case .ids(let seed) = acquaintance {
            configuration.givenSeeds = [entries[seed].addresses.gossip].compactMap { $0 }
            configuration.nodes = configuration.nodes.map { entry in
                entry.id == id
                    ? entry : NodeConfiguration(id: entry.id, addresses: NodeAddresses())
            }
        }
        try FileSystem.replaceAtomically(path, with: Array(configuration.jsonText.utf8))
    }

    private func withNode<Result: Sendable>(
        _ id: NodeID, _ body: (Node) throws -> Result
    ) throws -> Result {
        try nodes.withLock { nodes in
            guard let node = nodes.first(where: { $0.id == id }) else {
                preconditionFailure("no node \(id)")
            }
            return try body(node)
        }
    }
}

/// Directories that tests have made.
public enum Directories {
    /// Removes a directory and everything in it, as far as that goes.
    public static func remove(_ path: String) {
        for name in (try? FileSystem.names(in: path)) ?? [] {
            let inner = "\(path)/\(name)"
            if (try? FileSystem.remove(inner)) == nil { remove(inner) }
        }
        try? FileSystem.removeDirectory(path)
    }
}
