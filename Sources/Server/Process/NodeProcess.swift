import Calculator
import Configuration
import Founding
import Gossip
import Node
import Posix
import Primitives
import Raft
import Replica
import WriteAheadLog

/// Runs one node in this process.
public enum NodeProcess {
    /// Runs the node until it ends: by a signal, by its supervisor's end, or because it can't go on.
    ///
    /// Lock, identity, log and sockets are checked in this order, so that a node that can't serve
    /// leaves no trace on the network.
    ///
    /// - Parameters:
    ///   - configuration: the checked config file.
    ///   - node: an id of that file with all three of its addresses.
    ///   - dataDirectory: the node's own directory; it is made if it is missing.
    ///   - isSupervised: whether `tally cluster` holds the other ends of standard input and output.
    ///   - logFormat: how the lines on standard error are written.
    /// - Returns: the exit code and, for all but an orderly end, why; the log has said it, too.
    public static func run(
        configuration: ClusterConfiguration, node: NodeID, dataDirectory: String,
        isSupervised: Bool, logFormat: LogFormat
    ) -> NodeExit {
        let nodeLog = NodeLog(node: node, format: logFormat)
        let exit = run(
            configuration: configuration, node: node, dataDirectory: dataDirectory,
            isSupervised: isSupervised, nodeLog: nodeLog)
        nodeLog.writeFatal(exit)
        return exit
    }

    private static func run(
        configuration: ClusterConfiguration, node: NodeID, dataDirectory: String,
        isSupervised: Bool, nodeLog: NodeLog
    ) -> NodeExit {
        CurrentProcess.returnMemory(from: ServerLimits.returnedMemory)
        do throws(ServerFault) {
            // A signal that comes while the log is read waits for the loop's first turn.
            let signals = try catchSignals()
            let lock = try lock(dataDirectory)
            var server = try makeServer(
                configuration: configuration, node: node, dataDirectory: dataDirectory, lock: lock,
                signals: signals, isSupervised: isSupervised, nodeLog: nodeLog)
            return server.run()
        } catch {
            return NodeExit(code: error.exitCode, message: error.description)
        }
    }

    private static func catchSignals() throws(ServerFault) -> SignalQueue {
        do throws(Errno) {
            let signals = try SignalQueue.install()
            guard Orphans.areOurs else { return signals }
            let more = try SignalQueue.install([.childEnded])
            // Those that have ended before gave no signal.
            Orphans.reap()
            return more
        } catch {
            throw .system("catching signals", error)
        }
    }

    private static func lock(_ directory: String) throws(ServerFault) -> DirectoryLock {
        do throws(FileError) {
            _ = try FileSystem.createDirectory(directory)
        } catch {
            if error.errno == .noSuchFile, !CurrentProcess.hasWorkingDirectory {
                throw .workingDirectoryGone(data: directory)
            }
            throw .directory(error)
        }
        do throws(DirectoryLock.Failure) {
            return try DirectoryLock(directory: directory)
        } catch {
            switch error {
            case .held(let pid): throw .locked(directory: directory, pid: pid)
            case .file(let error): throw .directory(error)
            }
        }
    }

    private static func makeServer(
        configuration: ClusterConfiguration, node: NodeID, dataDirectory: String,
        lock: consuming DirectoryLock, signals: SignalQueue, isSupervised: Bool, nodeLog: NodeLog
    ) throws(ServerFault) -> Server {
        guard let own = configuration.node(node), let http = own.advertisedHTTP,
            let raft = own.advertisedRaft
        else { preconditionFailure("\(node) has no addresses in a file that was checked") }
        var nodeLog = nodeLog
        let cluster = Array(configuration.cluster.utf8)
        var opened = try openLog(
            directory: dataDirectory, cluster: cluster, node: node, nodeLog: &nodeLog)
        let founders = configuration.foundingVoters.sorted()
        if let record = opened.recovered.founding.record, record.voters != founders {
            throw .otherVoters(otherVoters(dataDirectory, record.voters, founders))
        }
        let nonce = Entropy.uint64()
        try begin(opened.recovered.starts.next(nonce: nonce), in: &opened.log)
        let identity = Replica.Identity(
            cluster: cluster, node: node, disk: opened.log.identity.disk, nonce: nonce,
            earlierStarts: opened.recovered.starts, founders: founders,
            http: http.bytes, raft: raft.bytes,
            origin: opened.recovered.founding.record.map(\.origin)
                ?? opened.recovered.snapshot?.record.origin)
        let book = AddressBookKeeper(directory: dataDirectory, cluster: cluster, node: node) {
            nodeLog.write(.addressBook($0), at: MonotonicClock.now())
        }
        return try assemble(
            opened, lock, identity: identity, configuration: configuration, own: own,
            dataDirectory: dataDirectory, book: book, nodeLog: nodeLog, signals: signals,
            isSupervised: isSupervised)
    }

    private static func assemble(
        _ opened: consuming OpenedLog<FileDisk>, _ lock: consuming DirectoryLock,
        identity: Replica.Identity, configuration: ClusterConfiguration, own: NodeConfiguration,
        dataDirectory: String, book: AddressBookKeeper, nodeLog: NodeLog, signals: SignalQueue,
        isSupervised: Bool
    ) throws(ServerFault) -> Server {
        var nodeLog = nodeLog
        let now = MonotonicClock.now()
        let log = opened.log
        let lock = SharedLock(lock)
        let recovered = opened.recovered
        let engine = try engine(recovered.snapshot, directory: dataDirectory)
        let core = CounterNode(
            Self.node(
                recovered, identity, configuration, own, book: book.written,
                isDiskFull: log.isFull, at: now),
            engine: engine, at: now)
        // Whoever can connect to a node finds one that answers, so its log is replayed before.
        let httpListeners = try Listening.bind("http", own.addresses.http) {
            nodeLog.write($0, at: now)
        }
        let raftListeners = try Listening.bind("raft", own.addresses.raft) {
            nodeLog.write($0, at: now)
        }
        let http = Listening.list(httpListeners.map { $0.socket.localAddress })
        nodeLog.write(.serving(http: http, disk: "\(identity.disk)"), at: now)
        do throws(Errno) {
            let watchlist = Watchlist(try Poller())
            return Server(
                core,
                clients: Clients(
                    httpListeners, limit: clientLimit(),
                    ownNames: OwnNames(own, machine: CurrentProcess.hostName),
                    nodeName: identity.node.bytes, startedAt: now, watchlist),
                peers: PeerSockets(raftListeners, watchlist),
                gossipPort: GossipPort(gossipAddress(of: own), watchlist),
                names: try Names(hostsOfFile: hosts(configuration), watchlist),
                disk: try LogThread(log, lock),
                snapshots: try SnapshotKeeper(directory: dataDirectory, lock), addressBook: book,
                log: nodeLog, signals: signals,
                supervision: isSupervised ? Supervision() : nil, watchlist)
        } catch {
            throw .system("starting the loop", error)
        }
    }

    /// The state of the newest snapshot, or the one before the first entry.
    private static func engine(
        _ snapshot: SnapshotFile?, directory: String
    ) throws(ServerFault) -> Engine<Calculator> {
        let seed = Entropy.uint64()
        guard let snapshot else { return Engine<Calculator>(seed: seed) }
        guard let engine = Engine<Calculator>(state: snapshot.state, seed: seed),
            engine.applied == snapshot.last
        else { throw .unreadableState(directory: directory, index: snapshot.last.index.number) }
        return engine
    }

    /// The node that the disk and the config file describe.
    private static func node(
        _ recovered: consuming Recovered, _ identity: Replica.Identity,
        _ configuration: ClusterConfiguration, _ own: NodeConfiguration, book: AddressBook,
        isDiskFull: Bool, at now: Instant
    ) -> Node {
        let timing = Timing(
            heartbeat: configuration.timing.heartbeat, election: configuration.timing.election)
        let gossip = gossip(configuration, own, book: book, founding: recovered.founding)
        let peers = configuration.nodes.filter { $0.id != own.id }.map { entry in
            let given = NodeAddresses(
                http: entry.advertisedHTTP, raft: entry.advertisedRaft,
                gossip: entry.advertisedGossip)
            return (node: entry.id, addresses: given)
        }
        let (hardState, commit) = (recovered.hardState, recovered.commit)
        let (founding, peerStarts) = (recovered.founding, recovered.peerStarts)
        let snapshot = recovered.snapshot.map { file in
            Snapshot(last: file.last, level: file.level, bytes: file.encoded)
        }
        let replica = Replica(
            identity: identity, timing: timing, requestTimeout: configuration.timing.request,
            hardState: hardState, log: recovered.log, commit: commit, founding: founding,
            peerStarts: peerStarts, snapshot: snapshot, isCommand: { Calculator.isCommand($0, $1) },
            at: now)
        return Node(
            replica: replica, gossip: gossip, peers: PeerAddresses(peers, book: book),
            timing: timing, snapshotEntries: UInt64(configuration.snapshotEntries),
            isDiskFull: isDiskFull, at: now)
    }

    private static func clientLimit() -> Int {
        let openFiles = (try? CurrentProcess.raiseOpenFileLimit()) ?? 256
        return max(1, min(ServerLimits.clients, openFiles - ServerLimits.reservedDescriptors))
    }

    /// All hosts of the config file, names and numbers.
    private static func hosts(_ configuration: ClusterConfiguration) -> [String] {
        let addresses = configuration.nodes.flatMap { node in
            [node.addresses, node.advertise].flatMap { [$0.http, $0.raft, $0.gossip] }
        }
        return (addresses.compactMap { $0 } + configuration.seeds)
            .map(\.hostText)
    }

    private static func openLog(
        directory: String, cluster: [UInt8], node: NodeID, nodeLog: inout NodeLog
    ) throws(ServerFault) -> OpenedLog<FileDisk> {
        do throws(FileError) {
            // Before anybody relies on it, it is where it is for good, whoever has made it.
            if try !FileSystem.exists("\(directory)/\(DirectoryIdentity.fileName)") {
                try FileSystem.syncDirectories(above: directory)
            }
        } catch {
            throw .directory(error)
        }
        do throws(LogFault) {
            let opened = try WriteAheadLog.open(
                FileDisk(directory: directory), cluster: cluster, node: node,
                newDisk: DiskID(Entropy.uint64()))
            for name in opened.recovered.setAside {
                nodeLog.write(.snapshotSetAside(name), at: MonotonicClock.now())
            }
            if let torn = opened.recovered.tornTail {
                nodeLog.write(.tornTail("\(torn)"), at: MonotonicClock.now())
            }
            return opened
        } catch {
            throw .opening(error, directory: directory)
        }
    }

    /// Nobody hears of this process before its disk remembers it.
    private static func begin(
        _ start: Start, in log: inout WriteAheadLog<FileDisk>
    ) throws(ServerFault) {
        do throws(LogFault) {
            try log.begin(start)
            try log.reclaim()
        } catch {
            throw .log(error)
        }
    }

    private static func otherVoters(
        _ directory: String, _ recorded: [NodeID], _ file: [NodeID]
    ) -> String {
        func list(_ nodes: [NodeID]) -> String {
            nodes.map(\.description).joined(separator: ", ")
        }
        return """
            \(directory) belongs to a cluster with the founding voters \(list(recorded)), but the config \
            file says \(list(file)); put the file back as it was, or point --data at another directory
            """
    }
}
