import Calculator
import Founding
import Node
import Posix
import Raft
import Replica
import WriteAheadLog

/// Encodes and saves snapshots on a thread of its own: neither the loop nor the log waits for them.
struct SnapshotKeeper: ~Copyable {
    /// What the thread is to do.
    enum Request: Sendable {
        /// Save the state of that engine, a copy.
        case save(Engine<Calculator>)
        /// Spell the state of that engine, a copy, for a client.
        case encode(Engine<Calculator>)
        /// Check and save what the leader has sent.
        case install(Snapshot)
    }

    /// What came of it.
    enum Result: Sendable {
        case saved(Snapshot)
        case encoded(Snapshot)
        /// The engine is the one that the snapshot holds.
        case installed(Snapshot, Engine<Calculator>)
        /// The snapshot is not one that this node can hold, and why.
        case rejected(EntryID, String)
        /// There is no space for the node's own, or for the leader's of that name.
        case outOfSpace(DiskError, installing: EntryID?)
        /// Nobody knows what the disk holds, or the leader's snapshot needs a newer program: the node ends.
        case failed(LogFault)
    }

    private let worker: WorkerThread<(Request, FoundingRecord), Result>
    /// What waits for the thread, oldest first: at most one request of each kind.
    private var waiting: [(Request, FoundingRecord)] = []
    private var isBusy = false

    /// The thread, for snapshots in that directory, which stays locked as long as it works.
    init(directory: String, _ lock: SharedLock) throws(Errno) {
        worker = try WorkerThread { [lock] request, record in
            defer { withExtendedLifetime(lock) {} }
            var disk = FileDisk(directory: directory)
            return SnapshotKeeper.carryOut(request, of: record, on: &disk)
        }
    }

    /// What the loop watches: readable when a result waits.
    var descriptor: Int32 { worker.descriptor }

    /// Hands a request over; others may be under way. The record says whose snapshots these are.
    mutating func submit(_ request: Request, of record: FoundingRecord) {
        guard isBusy else {
            isBusy = true
            return worker.submit((request, record))
        }
        waiting.append((request, record))
    }

    /// The result that waits, if one does.
    mutating func takeResult() -> Result? {
        guard let result = worker.takeCompletion() else { return nil }
        if waiting.isEmpty { isBusy = false } else { worker.submit(waiting.removeFirst()) }
        return result
    }

    private static func carryOut(
        _ request: Request, of record: FoundingRecord, on disk: inout FileDisk
    ) -> Result {
        switch request {
        case .save(let engine):
            let snapshot = snapshot(of: engine, record)
            return save(snapshot, installing: nil, on: &disk) ?? .saved(snapshot)
        case .encode(let engine): return .encoded(snapshot(of: engine, record))
        case .install(var snapshot):
            let file: SnapshotFile
            do throws(SnapshotFault) {
                file = try SnapshotFile.decode(snapshot.bytes)
            } catch {
                let source = "the leader's snapshot"
                switch error {
                case .damaged: return .rejected(snapshot.last, "it is damaged")
                case .newerVersion: return .failed(.newer(file: source, offset: 0))
                case .newerLevel(let level): return .failed(.newerLevel(level, file: source))
                }
            }
            guard record.continues(file.record) else {
                return .rejected(snapshot.last, "it is another cluster's")
            }
            guard file.last == snapshot.last,
                let engine = Engine<Calculator>(state: file.state, seed: Entropy.uint64()),
                engine.applied == file.last
            else { return .rejected(snapshot.last, "its state can't be read") }
            snapshot.level = file.level
            return save(snapshot, installing: snapshot.last, on: &disk)
                ?? .installed(snapshot, engine)
        }
    }

    private static func snapshot(
        of engine: Engine<Calculator>, _ record: FoundingRecord
    ) -> Snapshot {
        let bytes = SnapshotFile.encode(
            record, last: engine.applied, level: engine.level, stateSize: engine.stateSize,
            engine.encodeState(into:))
        return Snapshot(last: engine.applied, level: engine.level, bytes: bytes)
    }

    /// Nil where it is saved.
    private static func save(
        _ snapshot: Snapshot, installing last: EntryID?, on disk: inout FileDisk
    ) -> Result? {
        do throws(DiskError) {
            try SnapshotDirectory.save(snapshot.bytes, last: snapshot.last, on: &disk)
            return nil
        } catch {
            return error.kind == .noSpace
                ? .outOfSpace(error, installing: last) : .failed(.disk(error))
        }
    }
}
