import Configuration
import Posix
import Primitives

/// One node of `tally cluster` and the process that runs it, life after life.
///
/// Two pipes join it to the supervisor. The node reads the *lifeline*, on which nothing ever comes, and
/// stops when it ends: that happens even where the supervisor is killed. On the other the node tells,
/// line by line, what it becomes.
final class SupervisedNode {
    let id: NodeID
    let log: NodeLogFile
    /// The node's own directory, whose lock says who runs it.
    let directory: String
    /// Where it answers clients.
    let http: Address
    private let arguments: [String]
    /// The process that runs the node in the place of one of ours, if someone else has started it.
    private(set) var foreign: ForeignNode?
    private(set) var process: ChildProcess?
    /// How often it was started, or found to run.
    private(set) var starts: UInt32 = 0
    private var lifeline: Pipe?
    private var reports: Pipe?
    private var lines = LineBuffer()
    private var logStart = 0

    /// A node that does not run yet.
    ///
    /// - Parameter data: the directory in which all nodes have theirs, and their logs.
    init(id: NodeID, data: String, http: Address, arguments: [String]) {
        self.id = id
        log = NodeLogFile(path: "\(data)/\(id).log")
        directory = "\(data)/\(id)"
        self.http = http
        self.arguments = arguments
    }

    /// Whether a process of our own has been started, and its end has not been seen.
    var isRunning: Bool { process.map { $0.exit == nil } ?? false }

    /// What the poller watches for news; nil where there is no pipe.
    var reportDescriptor: Int32? { foreign?.reports.descriptor ?? reports?.readingEnd }

    /// The process that has the node's directory while none of ours runs; nil where none has.
    var holder: Int32? {
        isRunning ? nil : DirectoryLock.holder(ofDirectory: directory)
    }

    /// Watches a process that someone else has started.
    func adopt(pid: Int32) throws(Errno) {
        precondition(!isRunning && foreign == nil, "\(id) runs already")
        foreign = try ForeignNode(id, pid: pid, directory: directory, http: http)
        lines = LineBuffer()
        starts += 1
    }

    /// Starts a process, and returns its number.
    func start(executable: String) throws(FileError) -> Int32 {
        precondition(!isRunning, "\(id) runs already")
        logStart = log.length
        let output = try log.openForAppending()
        do throws(Errno) {
            var lifeline = try Pipe(childsEnd: .reading)
            var reports = try Pipe(childsEnd: .writing)
            let child = try ChildProcess.spawn(
                executable: executable, arguments: arguments,
                input: .descriptor(lifeline.readingEnd), output: .descriptor(reports.writingEnd),
                error: .descriptor(output.rawValue))
            lifeline.closeReadingEnd()
            reports.closeWritingEnd()
            self.lifeline = consume lifeline
            self.reports = consume reports
            process = child
            lines = LineBuffer()
            starts += 1
            return child.pid
        } catch {
            throw FileError(path: executable, operation: .open, errno: error)
        }
    }

    /// The lines of reports since the last time, and whether the pipe has ended.
    func readReports() -> (lines: [String], isEnded: Bool) {
        guard let descriptor = reportDescriptor else { return ([], true) }
        var found: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            switch try? ByteStream.read(descriptor, into: &buffer, at: 0) {
            case .bytes(let count): found += lines.lines(after: buffer[..<count])
            case .wouldBlock: return (found, false)
            case .end, nil: return (found, true)
            }
        }
    }

    /// Closes the pipe of news; the poller must not watch it any more.
    func closeReports() {
        foreign?.reports.cancel()
        foreign = nil
        reports = nil
    }

    /// How the process ended, the first time that this is seen; nil before and after.
    func takeExit() -> ChildProcess.Exit? {
        guard isRunning, let exit = try? process?.poll() else { return nil }
        lifeline = nil
        return exit
    }

    /// The last line of its log in its present life; of a JSON line the message.
    var lastLogLine: String? {
        log.lastLine(since: logStart).map { line in
            JSONValue(bytes: Array(line.utf8))?["message"]?.text ?? line
        }
    }

    /// Asks the node to stop: by a signal, and by the end of its lifeline.
    func stop() {
        send(.terminate)
        lifeline = nil
    }

    /// Sends a signal to the process of our own, if there is one; it may be gone, and that is as good.
    func send(_ signal: Signal) {
        try? process?.send(signal)
    }
}
