import Configuration
import Posix
import Primitives

/// Runs the processes of a cluster and watches over them: the loop behind `tally cluster`.
///
/// A turn takes signals first, then the ends of processes, then their reports, then the keyboard: so a new
/// leader's line is read after the old one's end, which came before it.
final class Supervisor {
    /// How long nodes may take to stop.
    private static let grace = Timespan.milliseconds(5000)
    private static let signalToken = PollToken(slot: .max, generation: 0)
    private static let keyboardToken = PollToken(slot: .max, generation: 1)
    static let majorityToken = PollToken(slot: .max, generation: 2)
    /// How often it looks whether someone else runs a node that is dead here.
    private static let lookInterval = Timespan.milliseconds(200)
    private static let keyboard: Int32 = 0

    private let executable: String
    let nodes: [SupervisedNode]
    var monitor: ClusterMonitor
    let poller: Poller
    private let signals: SignalQueue
    /// Whether a person at a terminal can type to this program now.
    private var hasKeyboard = false
    private var typed = LineBuffer()
    /// Asks whether the majority is back, while that is in question.
    var majorityWatch: ReportThread?
    /// When the nodes that still run are killed; nil while nothing has asked to stop.
    var stopDeadline: Instant?
    /// What the cluster ends with.
    private var exitCode = ExitCode.fine

    /// A supervisor of nodes that don't run yet. Signals are caught from now on.
    init(
        executable: String, nodes: [SupervisedNode], voters: Set<NodeID>
    ) throws(Errno) {
        self.executable = executable
        self.nodes = nodes
        monitor = ClusterMonitor(
            nodes.map { node in
                ClusterMonitor.Node(
                    id: node.id, url: "http://\(node.http)", log: node.log.path,
                    isVoter: voters.contains(node.id))
            },
            begin: MonotonicClock.now())
        poller = try Poller()
        signals = try SignalQueue.install([
            .terminate, .interrupt, .hangup, .childEnded, .resume,
        ])
        try poller.register(
            signals.descriptor, token: Supervisor.signalToken, interest: .readable)
    }

    /// Starts all nodes, and returns when none of them runs any more.
    func run() throws(Errno) -> ExitCode {
        guard !isTaken() else { return .diskError }
        try updateKeyboard()
        if hasKeyboard {
            Console.faults.line(
                "k and Enter kills the leader, r and Enter starts dead nodes again, Ctrl-C stops all"
            )
        }
        for node in nodes.indices where stopDeadline == nil { try start(node) }
        var events: [PollEvent] = []
        while !isOver {
            try poller.wait(until: nextDeadline, into: &events)
            let now = MonotonicClock.now()
            try takeSignals(at: now)
            takeExits(at: now)
            Orphans.reap { pid in nodes.contains { $0.isRunning && $0.process?.pid == pid } }
            // A leader's report means more where it is known who else runs.
            try adoptForeignNodes()
            for event in events {
                switch event.token {
                case Supervisor.signalToken: break
                case Supervisor.keyboardToken: try takeKeys(at: now)
                case Supervisor.majorityToken: takeMajority(at: now)
                default: takeReports(event.token, at: now)
                }
            }
            try reportMajority()
            killAfterGrace(at: now)
        }
        return exitCode
    }

    /// When something is to be done though nothing happens.
    private var nextDeadline: Instant? {
        if let stopDeadline { return stopDeadline }
        return monitor.dead.isEmpty ? nil : MonotonicClock.now() + Supervisor.lookInterval
    }

    /// Whether nothing runs, and no one is there to start it again.
    private var isOver: Bool {
        guard !nodes.contains(where: { $0.isRunning || $0.foreign != nil }) else { return false }
        if stopDeadline != nil { return true }
        if hasKeyboard, monitor.hasKilledNodes { return false }
        exitCode = monitor.verdict ?? exitCode
        return true
    }

    private func start(_ node: Int) throws(Errno) {
        let supervised = nodes[node]
        if let pid = supervised.holder { return try adopt(node, pid: pid) }
        do throws(FileError) {
            let pid = try supervised.start(executable: executable)
            Console.results.line(monitor.started(node, pid: pid))
        } catch {
            Console.faults.line("tally cluster: can't start \(supervised.id): \(error)")
            exitCode = .diskError
            stop(at: MonotonicClock.now())
            return
        }
        try watchReports(of: node)
    }

    func watchReports(of node: Int) throws(Errno) {
        guard let descriptor = nodes[node].reportDescriptor else { return }
        let token = PollToken(slot: UInt32(node), generation: nodes[node].starts)
        try poller.register(descriptor, token: token, interest: .readable)
    }

    private func takeSignals(at now: Instant) throws(Errno) {
        while let signal = signals.next() {
            if signal == .childEnded { continue }
            if signal == .resume {
                try updateKeyboard()
            } else if stopDeadline == nil {
                stop(at: now)
            } else {
                // Asked twice, it is urgent.
                stopDeadline = now
            }
        }
    }

    private func takeExits(at now: Instant) {
        let deadBefore = monitor.dead.count
        for (node, supervised) in nodes.enumerated() {
            guard let exit = supervised.takeExit() else { continue }
            // What it said last is still in the pipe.
            drainReports(of: node, at: now)
            let words = exit.isOwn ? supervised.lastLogLine : nil
            let lines = monitor.ended(node, exit, lastLogLine: words, at: now)
            if stopDeadline == nil {
                for line in lines { Console.results.line(line) }
            }
        }
        let isLast = monitor.dead.count > deadBefore && monitor.verdict != nil
        if stopDeadline == nil, hasKeyboard, isLast, monitor.hasKilledNodes {
            Console.faults.line("no node runs; r and Enter starts them again")
        }
    }

    private func takeReports(_ token: PollToken, at now: Instant) {
        let node = Int(token.slot)
        guard nodes[node].starts == token.generation else { return }
        drainReports(of: node, at: now)
    }

    private func drainReports(of node: Int, at now: Instant) {
        guard let descriptor = nodes[node].reportDescriptor else { return }
        let (lines, isEnded) = nodes[node].readReports()
        for line in lines {
            if let text = monitor.received(line, from: node, at: now) { Console.results.line(text) }
        }
        if isEnded {
            try? poller.remove(descriptor)
            nodes[node].closeReports()
            if let line = monitor.foreignEnded(node, at: now) {
                Console.results.line(line)
            } else {
                monitor.lost(node, at: now)
            }
        }
    }

    /// Watches the keyboard in the foreground alone: in the background, keys are for others, and whoever
    /// reads them is stopped. SIGCONT tells that this may have changed.
    private func updateKeyboard() throws(Errno) {
        let isOurs = isInForeground(Supervisor.keyboard)
        if isOurs, !hasKeyboard {
            try poller.register(
                Supervisor.keyboard, token: Supervisor.keyboardToken, interest: .readable)
        } else if !isOurs, hasKeyboard {
            try poller.remove(Supervisor.keyboard)
        }
        hasKeyboard = isOurs
    }

    private func takeKeys(at now: Instant) throws(Errno) {
        try updateKeyboard()
        guard hasKeyboard else { return }
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = try? ByteStream.read(Supervisor.keyboard, into: &buffer, at: 0)
        guard case .bytes(let count) = result else {
            if case .wouldBlock = result { return }
            hasKeyboard = false
            try poller.remove(Supervisor.keyboard)
            return
        }
        for line in typed.lines(after: buffer[..<count]) where stopDeadline == nil {
            try execute(line)
        }
    }

    private func execute(_ line: String) throws(Errno) {
        switch line {
        case "k":
            guard let leader = monitor.livingLeader else {
                Console.faults.line("no leader to kill")
                return
            }
            kill(leader)
        case "r":
            let dead = monitor.dead.sorted()
            if dead.isEmpty { Console.faults.line("all nodes run") }
            for node in dead where stopDeadline == nil { try start(node) }
        case "": break
        default: Console.faults.line("k kills the leader, r starts dead nodes again")
        }
    }

    private func kill(_ leader: Int) {
        guard let foreign = nodes[leader].foreign else { return nodes[leader].send(.kill) }
        if signal(.kill, to: foreign.pid, of: nodes[leader]) {
            monitor.lost(leader, at: MonotonicClock.now())
        }
    }

    private func stop(at now: Instant) {
        stopDeadline = now + Supervisor.grace
        for node in nodes {
            node.stop()
            if let pid = node.foreign?.pid, signal(.terminate, to: pid, of: node) {
                Console.faults.line(
                    "\(node.id) (pid \(pid)), started by someone else, is stopped, too")
            }
        }
    }

    /// Sends a signal to a process that someone else has started; whether that was possible.
    private func signal(_ signal: Signal, to pid: Int32, of node: SupervisedNode) -> Bool {
        let name = "\(node.id) (pid \(pid)), started by someone else,"
        // Its lock's file may name a process that has nothing to do with the node.
        guard DirectoryLock.isHeld(ofDirectory: node.directory, by: pid) else {
            Console.faults.line("\(name) is left alone: it does not surely run that node")
            return false
        }
        do throws(Errno) {
            try send(signal, to: pid)
            return true
        } catch {
            Console.faults.line("\(name) can't be ended: \(error)")
            return false
        }
    }

    private func killAfterGrace(at now: Instant) {
        guard let stopDeadline, now >= stopDeadline else { return }
        // SIGCHLD tells their ends; SIGKILL is never late.
        self.stopDeadline = .never
        for node in nodes where node.isRunning {
            Console.faults.line("\(node.id) has not stopped in time and is killed")
            node.send(.kill)
        }
        for node in nodes {
            guard let pid = node.foreign?.pid else { continue }
            Console.faults.line(
                "\(node.id) (pid \(pid)), started by someone else, has not stopped and is left alone"
            )
            if let descriptor = node.reportDescriptor { try? poller.remove(descriptor) }
            node.closeReports()
        }
    }
}

extension ChildProcess.Exit {
    /// Whether the process ended by itself.
    fileprivate var isOwn: Bool {
        if case .code = self { true } else { false }
    }
}
