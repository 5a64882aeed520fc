import Node
import Posix
import Synchronization
import WriteAheadLog

/// The write-ahead log on a thread of its own, so that a slow disk never holds the loop up. One request
/// is under way at a time.
struct LogThread: ~Copyable {
    /// What came of a request.
    enum Result: Sendable {
        case done(Node.DiskCompletion, isFull: Bool)
        /// Nobody knows what the disk holds: the node ends.
        case failed(LogFault)
    }

    /// The log, in a box that the thread's work can hold.
    private final class Owner: Sendable {
        let log: Mutex<WriteAheadLog<FileDisk>>
        private let lock: SharedLock

        init(_ log: consuming WriteAheadLog<FileDisk>, _ lock: SharedLock) {
            self.log = Mutex(log)
            self.lock = lock
        }
    }

    private let worker: WorkerThread<Node.DiskRequest, Result>

    init(_ log: consuming WriteAheadLog<FileDisk>, _ lock: SharedLock) throws(Errno) {
        let owner = Owner(log, lock)
        worker = try WorkerThread { request in
            owner.log.withLock { LogThread.carryOut(request, on: &$0) }
        }
    }

    /// What the loop watches: readable when a result waits.
    var descriptor: Int32 { worker.descriptor }

    /// Hands a request over; the one before is done.
    func submit(_ request: consuming Node.DiskRequest) { worker.submit(request) }

    /// Gives a quick disk the moment that it needs. What comes meanwhile is taken in one turn then, as
    /// one batch, where turns in between would each make a small one.
    func waitBriefly() { worker.wait(atMost: ServerLimits.quickSync) }

    /// The result that waits, if one does.
    func takeResult() -> Result? { worker.takeCompletion() }

    private static func carryOut(
        _ request: consuming Node.DiskRequest, on log: inout WriteAheadLog<FileDisk>
    ) -> Result {
        do throws(LogFault) {
            let completion = try LogThread.completion(of: request, on: &log)
            return .done(completion, isFull: log.isFull)
        } catch {
            return .failed(error)
        }
    }

    private static func completion(
        of request: consuming Node.DiskRequest, on log: inout WriteAheadLog<FileDisk>
    ) throws(LogFault) -> Node.DiskCompletion {
        switch consume request {
        case .write(let id, var batch):
            do throws(LogFault) {
                try log.flush(&batch)
            } catch {
                guard case .noSpace = error else { throw error }
                return .refused(id, batch)
            }
            try log.sync()
            return .written(id, batch)
        case .mark(let commit):
            try log.writeMark(commit: commit)
            return .marked(commit: commit)
        case .drop(let index):
            let isMore = try log.dropSegments(
                through: index, atMost: ServerLimits.segmentsDropped)
            return .dropped(through: index, isDone: !isMore)
        case .giveBack:
            try log.giveReserveBack()
            return .gaveBack
        case .reclaim:
            try log.reclaim()
            return .reclaimed
        case .close(let commit):
            try log.close(commit: commit)
            return .closed
        }
    }
}

/// The lock of a node's directory, held by every thread that writes there: nobody else opens it while a
/// request that outlives the loop is under way.
final class SharedLock: Sendable {
    private let lock: DirectoryLock

    init(_ lock: consuming DirectoryLock) { self.lock = lock }
}
