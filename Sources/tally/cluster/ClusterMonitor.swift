import Configuration
import Posix
import Primitives

/// What has happened to a supervised cluster, and what its watcher is told of it: a value without
/// processes, fed with what the supervisor sees.
struct ClusterStory {
    /// What a node's process is doing.
    enum State: Equatable {
        case running(pid: Int32)
        /// In a process that somebody else has started.
        case foreign(pid: Int32)
        case ended(ChildProcess.Exit)
        /// Such a process is over, and how is not known.
        case gone
    }

    /// A node's part in the story.
    struct Part: Equatable {
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

    private(set) var parts: [Part]
    private(set) var leader: Leader?
    /// The nodes that are dead now, in the order of their deaths.
    private(set) var dead: [Int] = []
    /// When the majority was lost after there had been a leader; nil while it is there, or is not known
    /// to be back.
    var majorityLostAt: Instant?
    /// What was told last of a majority that is lost.
    var toldMajority: MajorityReport?
    private let begin: Instant

    /// A story in which nothing is started yet.
    init(_ parts: [Part], begin: Instant) {
        self.parts = parts
        self.begin = begin
    }

    /// A node's process runs.
    mutating func started(_ node: Int, pid: Int32) -> String {
        parts[node].state = .running(pid: pid)
        parts[node].lostAt = nil
        dead.removeAll { $0 == node }
        return "\(parts[node].id) pid \(pid) \(parts[node].url)"
    }

    /// A node is found to run in a process that somebody else has started.
    mutating func found(_ node: Int, pid: Int32) -> String {
        _ = started(node, pid: pid)
        parts[node].state = .foreign(pid: pid)
        return "\(parts[node].id) pid \(pid) runs already, started by someone else"
    }

    /// Such a process is over.
    mutating func foreignEnded(_ node: Int, at now: Instant) -> String? {
        guard case .foreign(let pid) = parts[node].state else { return nil }
        lost(node, at: now)
        parts[node].state = .gone
        dead.append(node)
        return "\(parts[node].id) (pid \(pid)), started by someone else, has ended"
    }

    /// A node has written a line of news. What means nothing here is passed over, and so is a leader of
    /// a term that is over: news come through as many pipes as there are nodes, in no order.
    mutating func heard(_ line: String, from node: Int, at now: Instant) -> String? {
        let words = line.split(separator: " ")
        guard words.count == 3, words[0] == "leader", words[1] == parts[node].id.description,
            let term = UInt64(words[2]), term > leader?.term ?? 0
        else { return nil }
        let before = leader
        // It may have died since it wrote the line.
        leader = Leader(node: node, term: term, lostAt: parts[node].lostAt)
        if let back = majorityBack(at: now) { return back }
        let news = "leader \(parts[node].id) term \(term)"
        guard let before else {
            return "\(news) after \(now.since(begin).wholeMilliseconds) ms"
        }
        let old = parts[before.node].id
        guard let lostAt = before.lostAt else { return "\(news), \(old) led before" }
        return "\(news), \(now.since(lostAt).wholeMilliseconds) ms after \(old) was lost"
    }

    /// A node's pipe has ended, which is the first that is seen of its end.
    mutating func lost(_ node: Int, at now: Instant) {
        guard parts[node].lostAt == nil else { return }
        parts[node].lostAt = now
        if leader != nil, majorityLostAt == nil, !majority.isMajority { majorityLostAt = now }
        if leader?.node == node, leader?.lostAt == nil { leader?.lostAt = now }
    }

    /// A node's process has ended; `lastWords` are the last line of its log, for an end of its own.
    mutating func ended(
        _ node: Int, _ exit: ChildProcess.Exit, lastWords: String?, at now: Instant
    ) -> [String] {
        guard case .running(let pid) = parts[node].state else { return [] }
        lost(node, at: now)
        parts[node].state = .ended(exit)
        dead.append(node)
        let name = "\(parts[node].id) (pid \(pid))"
        switch exit {
        case .signal(let signal): return ["\(name) was killed by signal \(signal.rawValue)"]
        case .code(let code):
            let report = "\(name) ended with exit code \(code); see \(parts[node].log)"
            return [report] + (lastWords.map { ["  \($0)"] } ?? [])
        }
    }

    /// The leader whose process runs, to be killed; nil where there is none.
    var livingLeader: Int? {
        guard let leader, leader.lostAt == nil else { return nil }
        return leader.node
    }

    /// How the cluster ends where no node is left: as the first that died. A kill has no code of its
    /// own, and leaves a cluster that nobody reaches.
    var verdict: ExitCode? {
        guard dead.count == parts.count, let first = dead.first else { return nil }
        guard case .ended(let exit) = parts[first].state else { return .unreachable }
        switch exit {
        case .code(let code): return ExitCode(rawValue: code) ?? .unreachable
        case .signal: return .unreachable
        }
    }

    /// Whether a node that is dead was killed, so that starting it again makes sense.
    var hasVictims: Bool {
        dead.contains { node in
            switch parts[node].state {
            case .ended(.signal), .gone: true
            default: false
            }
        }
    }
}
