import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProcessTests {
    /// As the first process of a container, a program inherits every orphan and reaps it.
    @Suite(
        .enabled(
            if: Container.isPossible,
            "needs Linux, unshare(1) and the right to make a namespace of processes"))
    struct OrphanTests {
        @Test func aNodeReapsOrphans() throws {
            let container = try Container(nodes: 1) { ["serve", "--node", "n1"] + $0 }
            let orphan = try container.orphan()
            try container.endOrphan()
            try container.waitUntilReaped(orphan)
        }

        @Test func aClusterReapsOrphansAndKeepsItsNodesStatus() throws {
            let container = try Container(nodes: 3) { ["cluster"] + $0 }
            let orphan = try container.orphan()
            try container.endOrphan()
            try container.waitUntilReaped(orphan)
            let node = try Waiting.until("a node") {
                try container.children().first { $0.command.contains("--node=n2") }
            }
            #expect(kill(node.pid, SIGKILL) == 0)
            try container.waitUntilReaped(node.pid)
            try Waiting.until("the end of n2") {
                container.output.contains("was killed by signal 9")
            }
        }
    }
}

/// A namespace of processes whose first is `tally`, with an orphan beside it.
private final class Container {
    /// Whether this system lets this user have one.
    static let isPossible: Bool = {
        let child = try? ChildProcess.spawn(
            executable: "/usr/bin/unshare",
            arguments: ["--pid", "--fork", "--mount-proc", "--kill-child", "/bin/true"],
            input: .null, output: .null, error: .null)
        return (try? child?.wait()) == .code(0)
    }()

    private let root: String
    private let child: ChildProcess

    /// Starts `tally` with what `arguments` makes of those that name file and directory.
    init(nodes: Int, _ arguments: ([String]) -> [String]) throws {
        root = "/tmp/tally-orphan-\(String(Entropy.uint64(), radix: 36))"
        try FileSystem.createDirectory(root)
        let entries = try (1...nodes).map { number in
            func address() throws -> Address { try Address("127.0.0.1:\(try Ports.free())") }
            return NodeConfiguration(
                id: try #require(NodeID("n\(number)")),
                addresses: NodeAddresses(
                    http: try address(), raft: try address(), gossip: try address()))
        }
        let configuration = ClusterConfiguration(cluster: "orphans", nodes: entries)
        try FileSystem.replaceAtomically(
            "\(root)/cluster.json", with: Array(configuration.jsonText.utf8))
        guard mkfifo("\(root)/fifo", 0o600) == 0 else {
            throw HarnessError.unexpected("no pipe can be made")
        }
        // The orphan reads until somebody has opened the pipe's other end and closed it.
        let script = """
            (cat "$0/fifo" &) >/dev/null 2>&1 </dev/null; exec "$@" >"$0/out" 2>"$0/err"
            """
        child = try ChildProcess.spawn(
            executable: "/usr/bin/unshare",
            arguments: [
                "--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", script, root,
                try TallyBinary.path(),
            ] + arguments(["--config", "\(root)/cluster.json", "--data", "\(root)/data"]),
            input: .null, output: .null, error: .null)
    }

    deinit {
        try? child.send(.kill)
        _ = try? child.wait()
        Directories.remove(root)
    }

    /// What `tally` has printed.
    var output: String { Container.text("\(root)/out") }

    /// The children of `tally`, those that are not reaped among them.
    func children() throws -> [(pid: Int32, command: String)] {
        guard let first = Container.children(of: child.pid).first,
            Container.text("/proc/\(first)/cmdline").hasPrefix(try TallyBinary.path())
        else { return [] }
        return Container.children(of: first).map { ($0, Container.text("/proc/\($0)/cmdline")) }
    }

    /// The orphan, once it is a child of `tally`.
    func orphan() throws -> Int32 {
        try Waiting.until("an orphan") {
            try children().first { $0.command.hasPrefix("cat\0") }?.pid
        }
    }

    /// Lets the orphan end by itself.
    func endOrphan() throws {
        let writer = open("\(root)/fifo", O_WRONLY | O_CLOEXEC)
        guard writer >= 0 else { throw HarnessError.unexpected("no pipe can be opened") }
        close(writer)
    }

    /// Waits until nothing is left of a process; one that nobody reaps stays as a zombie.
    func waitUntilReaped(_ pid: Int32) throws {
        try Waiting.until("process \(pid) to be reaped") {
            try !FileSystem.exists("/proc/\(pid)")
        }
    }

    private static func children(of pid: Int32) -> [Int32] {
        text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
    }

    private static func text(_ path: String) -> String {
        let bytes = (try? FileSystem.contents(of: path, limit: 1 << 20)) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}
