import Calculator
import Posix
import Primitives
import Raft
import Replica
import WriteAheadLog

/// A node's log and its snapshots, read without changing anything, with what every entry comes to.
///
/// ```swift
/// let log = try OfflineLog(reading: "data/n1")
/// let verdict = log.walk { print($0) }
/// ```
public struct OfflineLog: ~Copyable {
    /// How often a directory is read that a node is writing to, before what is found counts.
    private static let attempts = 5

    /// The directory.
    public let path: String
    /// The process that has the directory, where a node runs in it.
    public let holder: Int32?
    let inspection: LogInspection
    /// The states of the snapshots that can be read, oldest first.
    let states: [Engine<Calculator>]
    /// Why the others can't be, a line for each.
    let badSnapshots: [String]
    /// Why the newest one that is not damaged can't be read, where it can't.
    let stateFault: String?

    /// Reads the directory of a node at that path.
    ///
    /// - Parameter listsRecords: Whether `walk` is to show all records, not the entries alone.
    public init(reading path: String, listsRecords: Bool = false) throws(OfflineFault) {
        guard FileSystem.isDirectory(path) else { throw .noDirectory(path) }
        let holder = DirectoryLock.holder(ofDirectory: path)
        inspection = try OfflineLog.inspect(path, listsRecords, isBusy: holder != nil)
        let read = SnapshotStates(inspection.snapshots)
        self.path = path
        self.holder = holder
        states = read.states
        badSnapshots = read.bad
        stateFault = read.fault
    }

    private static func inspect(
        _ path: String, _ listsRecords: Bool, isBusy: Bool
    ) throws(OfflineFault) -> LogInspection {
        do throws(LogFault) {
            if let found = try read(path, listsRecords, isBusy: isBusy) { return found }
        } catch {
            throw .log(error, directory: path)
        }
        throw .noNode(path)
    }

    private static func read(
        _ path: String, _ listsRecords: Bool, isBusy: Bool
    ) throws(LogFault) -> LogInspection? {
        var attempt = 1
        while true {
            // Segments come and go while a node runs: only what stays so is damage.
            let isLast = !isBusy || attempt == attempts
            do throws(LogFault) {
                var disk = FileDisk(directory: path)
                guard let found = try LogInspection.read(&disk, listsRecords: listsRecords) else {
                    return nil
                }
                if isLast || !found.isFaulty { return found }
            } catch {
                if isLast { throw error }
            }
            attempt += 1
        }
    }

    /// Whose directory it is.
    public var node: String { "\(inspection.identity.node)" }
    /// The cluster's name.
    public var cluster: String { String(decoding: inspection.identity.cluster, as: UTF8.self) }
    /// The disk's number.
    public var disk: String { "\(inspection.identity.disk)" }
}

/// What a directory's snapshots hold.
private struct SnapshotStates {
    var states: [Engine<Calculator>] = []
    var bad: [String] = []
    var fault: String?

    /// Reads snapshots, oldest first.
    init(_ snapshots: [LogInspection.FoundSnapshot]) {
        for snapshot in snapshots {
            switch snapshot.content {
            case .failure(let fault): bad.append("\(snapshot.name): \(fault)")
            case .success(let file):
                let engine = Engine<Calculator>(state: file.state)
                if let engine, engine.applied == file.last {
                    states.append(engine)
                    fault = nil
                } else {
                    fault = "\(snapshot.name): this version of tally can't read its state"
                }
            }
        }
    }
}
