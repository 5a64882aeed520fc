import Posix
import Primitives
import Synchronization

/// A thread that asks nodes, which takes its time, and tells what it finds line by line through a pipe,
/// as a supervised node does: so the supervisor's loop never waits.
final class ReportThread: Sendable {
    private let pipe: Mutex<Pipe>
    private let wanted = Atomic<Bool>(true)
    /// What the poller watches; the stream ends with the thread's work.
    let descriptor: Int32
    private let writingEnd: Int32

    /// Starts the thread; `work` should look at `isWanted` now and then.
    init(_ work: @escaping @Sendable (ReportThread) -> Void) throws(Errno) {
        let pipe = try Pipe()
        descriptor = pipe.readingEnd
        writingEnd = pipe.writingEnd
        self.pipe = Mutex(pipe)
        try startThread { [self] in
            work(self)
            self.pipe.withLock { $0.closeWritingEnd() }
        }
    }

    /// Whether the reports are still wanted.
    var isWanted: Bool { wanted.load(ordering: .relaxed) }

    /// Lets the work end soon.
    func cancel() { wanted.store(false, ordering: .relaxed) }

    /// Tells a line. For use in the thread.
    func report(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // A pipe that is full has a reader who is told enough.
        _ = try? ByteStream.write(writingEnd, bytes, 0..<bytes.count)
    }

    /// Sleeps for as long as the poller that is lent has nothing to watch.
    static func rest(_ poller: borrowing Poller, _ span: Timespan) {
        var events: [PollEvent] = []
        try? poller.wait(until: MonotonicClock.now() + span, into: &events)
    }
}
