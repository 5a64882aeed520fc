import Configuration
import Posix
import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One `tally serve` and what belongs to it.
final class Node {
    let id: NodeID
    private(set) var http: SocketAddress
    private(set) var raft: SocketAddress
    private(set) var gossip: SocketAddress
    /// The file that it is started with.
    var configurationPath = ""
    /// What the node writes on standard error in all its lives.
    let errorPath: String
    /// The host of all its addresses in the file, where that is to be a name.
    private let hostName: String?
    var child: ChildProcess?
    var isStopped = false

    init(_ id: NodeID, errorPath: String, hostName: String?) throws {
        self.id = id
        self.errorPath = errorPath
        self.hostName = hostName
        http = .loopback(port: try Ports.free())
        raft = .loopback(port: try Ports.free())
        gossip = .loopback(port: try Ports.free())
    }

    /// Takes other ports for its next life.
    func move() throws {
        precondition(child == nil, "\(id) runs")
        http = .loopback(port: try Ports.free())
        raft = .loopback(port: try Ports.free())
        gossip = .loopback(port: try Ports.free())
    }

    /// The node's entry in the config file.
    func entry() throws -> NodeConfiguration {
        NodeConfiguration(
            id: id,
            addresses: NodeAddresses(
                http: try written(http), raft: try written(raft), gossip: try written(gossip)))
    }

    private func written(_ address: SocketAddress) throws -> Address {
        try Address(hostName.map { "\($0):\(address.port)" } ?? "\(address)")
    }

    func start(_ executable: String, _ arguments: [String]) throws {
        precondition(child == nil, "\(id) runs already")
        let number = open(errorPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw HarnessError.unexpected("\(errorPath) can't be written") }
        let error = FileDescriptor(adopting: number)
        let started = try ChildProcess.spawn(
            executable: executable, arguments: arguments, input: .null, output: .null,
            error: .descriptor(error.rawValue))
        Warden.shared.watch(process: started.pid)
        child = started
        isStopped = false
    }

    func send(_ signal: Signal) throws {
        guard let child else { throw HarnessError.unexpected("\(id) does not run") }
        try child.send(signal)
        isStopped = signal == .stop || isStopped && signal != .resume
    }

    /// How the node ended, once; nil while it runs.
    func reap() throws -> ChildProcess.Exit? {
        guard let child else { throw HarnessError.unexpected("\(id) does not run") }
        guard let exit = try child.poll() else { return nil }
        Warden.shared.forget(process: child.pid)
        self.child = nil
        return exit
    }

    func kill() throws {
        guard let child else { return }
        try child.send(.kill)
        _ = try child.wait()
        Warden.shared.forget(process: child.pid)
        self.child = nil
    }
}
