import Posix
import Primitives
import Replica
import WriteAheadLog

/// What goes to the log, and when it is synced.
extension Server {
    /// Writes and syncs what the replica wants on disk.
    mutating func persist(_ write: Replica.Effects.DiskWrite) throws(ServerFault) {
        do throws(LogFault) {
            Server.stage(write, of: replica, in: &log)
            try log.flush()
            let start = MonotonicClock.now()
            try log.sync()
            now = MonotonicClock.now()
            let length = now.since(start)
            if length > slowSync {
                nodeLog.write(.slowSync(length, limit: slowSync), at: now)
            }
        } catch {
            throw .log(error)
        }
    }

    private static func stage(
        _ write: Replica.Effects.DiskWrite, of replica: borrowing Replica,
        in log: inout WriteAheadLog<FileDisk>
    ) {
        if let founding = write.founding { log.append(founding: founding) }
        for seen in write.peerStarts { log.append(peerStart: seen) }
        if let entries = write.log { replica.withLog { log.append(entries, from: $0) } }
    }

    /// Whether a mark would say something that the log does not hold yet.
    var hasMarkToWrite: Bool { log.hasNews(commit: replica.commit) }

    mutating func writeMark() throws(ServerFault) {
        do throws(LogFault) {
            try log.writeMark(commit: replica.commit)
        } catch {
            throw .log(error)
        }
    }
}
