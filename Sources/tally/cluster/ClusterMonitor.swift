import Configuration
import Posix
import Primitives

/// The state of a supervised cluster, and the lines that report its changes: a value without processes,
/// fed with what the supervisor sees.
struct ClusterMonitor {
    /// What a node's process is doing.
    enum State: Equatable {
        case running(pid: Int32)
        /// In a process that someone else has started.
        case foreign(pid: Int32)
        case ended(ChildProcess.Exit)
        /// Such a process is over, and how is not known.
        case gone
    }

    /// One node of the cluster.
    struct Node: Equatable {
        let id: NodeID
        /// Where clients reach it, `http://HOST:PORT`.
        let url: String
        /// Where its log goes.
        let log: String
        /// Whether it counts for the majority.
        var isVoter = true
        /// Nil before its first start.
        var state: State?
        /// When the supervisor saw it go, in its present life; nil while it is there.
        var lostAt: Instant?

        /// Whether a process runs it.
        var isThere: Bool {
            switch state {
            case .running, .foreign: lostAt == nil
            case .ended, .gone, nil: false
            }
        }
    }

    /// The leader of the highest term that was heard of.
    struct Leader: Equatable {
        let node: Int
        let term: UInt64
        /// When its process was lost; nil while it lives, even if it leads no more.
        var lostAt: Instant?
    }

    private(set) var nodes: [Node]
    private(set) var leader: Leader?
    /// The nodes that are dead now, in the order of their deaths.
    private(set) var dead: [Int] = []
    /// When the majority was lost after there had been a leader; nil while it is there, or is not known
    /// to be back.
    var majorityLostAt: Instant?
    /// What was told last of a majority that is lost.
    var lastMajorityReport: MajorityReport?
    private let begin: Instant

    /// A cluster of which nothing is started yet.
    init(_ nodes: [Node], begin: Instant) {
        self.nodes = nodes
        self.begin = begin
    }

    /// A node's process runs.
    mutating func started(_ node: Int, pid: Int32) -> String {
        nodes[node].state = .running(pid: pid)
        nodes[node].lostAt = nil
        dead.removeAll { $0 == node }
        return "\(nodes[node].id) pid \(pid) \(nodes[node].url)"
    }

    /// A node is found to run in a process that someone else has started.
    mutating func found(_ node: Int, pid: Int32) -> String {
        _ = started(node, pid: pid)
        nodes[node].state = .foreign(pid: pid)
        return "\(nodes[node].id) pid \(pid) runs already, started by someone else"
    }

    /// Such a process is over.
    mutating func foreignEnded(_ node: Int, at now: Instant) -> String? {
        guard case .foreign(let pid) = nodes[node].state else { return nil }
        lost(node, at: now)
        nodes[node].state = .gone
        dead.append(node)
        return "\(nodes[node].id) (pid \(pid)), started by someone else, has ended"
    }

    /// A node has reported a line. What means nothing here is passed over, and so is a leader of a term
    /// that is over: reports come through as many pipes as there are nodes, in no order.
    mutating func received(_ report: String, from node: Int, at now: Instant) -> String? {
        let words = report.split(separator: " ")
        guard words.count == 3, words[0] == "leader", words[1] == nodes[node].id.description,
            let term = UInt64(words[2]), term > leader?.term ?? 0
        else { return nil }
        let before = leader
        // It may have died since it wrote the line.
        leader = Leader(node: node, term: term, lostAt: nodes[node].lostAt)
        if let back = majorityBack(at: now) { return back }
        let line = "leader \(nodes[node].id) term \(term)"
        guard let before else {
            return "\(line) after \(now.since(begin).wholeMilliseconds) ms"
        }
        let old = nodes[before.node].id
        guard let lostAt = before.lostAt else { return "\(line), \(old) led before" }
        return "\(line), \(now.since(lostAt).wholeMilliseconds) ms after \(old) was lost"
    }

    /// A node's pipe has ended, which is the first that is seen of its end.
    mutating func lost(_ node: Int, at now: Instant) {
        guard nodes[node].lostAt == nil else { return }
        nodes[node].lostAt = now
        if leader != nil, majorityLostAt == nil, !majority.isMajority { majorityLostAt = now }
        if leader?.node == node, leader?.lostAt == nil { leader?.lostAt = now }
    }

    /// A node's process has ended; `lastLogLine` are the last line of its log, for an end of its own.
    mutating func ended(
        _ node: Int, _ exit: ChildProcess.Exit, lastLogLine: String?, at now: Instant
    ) -> [String] {
        guard case .running(let pid) = nodes[node].state else { return [] }
        lost(node, at: now)
        nodes[node].state = .ended(exit)
        dead.append(node)
        let name = "\(nodes[node].id) (pid \(pid))"
        switch exit {
        case .signal(let signal): return ["\(name) was killed by signal \(signal.rawValue)"]
        case .code(let code):
            let report = "\(name) ended with exit code \(code); see \(nodes[node].log)"
            return [report] + (lastLogLine.map { ["  \($0)"] } ?? [])
        }
    }

    /// The leader whose process runs, to be killed; nil where there is none.
    var livingLeader: Int? {
        guard let leader, leader.lostAt == nil else { return nil }
        return leader.node
    }

    /// How the cluster ends where no node is left: as the first that died. A kill has no code of its
    /// own, and leaves a cluster that can't be reached.
    var verdict: ExitCode? {
        guard dead.count == nodes.count, let first = dead.first else { return nil }
        guard case .ended(let exit) = nodes[first].state else { return .unreachable }
        switch exit {
        case .code(let code): return ExitCode(rawValue: code) ?? .unreachable
        case .signal: return .unreachable
        }
    }

    /// Whether a node that is dead was killed, so that starting it again makes sense.
    var hasKilledNodes: Bool {
        dead.contains { node in
            switch nodes[node].state {
            case .ended(.signal), .gone: true
            default: false
            }
        }
    }
}
