import Founding
import Primitives
import Raft

/// A node's write-ahead log: its term, vote, entries and founding record, in segments on a disk.
///
/// The host stages what is to be written in a `LogBatch`, writes it all at once (`flush`) and makes it
/// durable (`sync`). One batch is unsynced at a time.
///
/// ```
///  LogBatch ──flush──▶ written ──sync──▶ durable ──idle──▶ marked
/// ```
///
/// The bytes are specified in `docs/disk-format.md`. An error other than `noSpace` leaves it unknown
/// what the disk holds: every later call throws it again.
public struct WriteAheadLog<Storage: Disk & ~Copyable>: ~Copyable {
    var disk: Storage
    /// Whose log it is.
    public let identity: DirectoryIdentity
    let limits: LogLimits
    var segment: Segment
    var mark: Mark?
    /// What the next segment says at its head.
    private(set) var head: SegmentHead
    /// The index of the last entry that is synced.
    private var durableIndex: LogIndex
    /// The segments before the one that is written to, in order.
    var sealed: [SealedSegment]
    private var isUnsynced = false
    private var failure: DiskError?
    let zeros: [UInt8]

    /// Whether the disk is full: the reserve was given back, or could not be made. What is written then
    /// goes into what space is left.
    public internal(set) var isFull: Bool

    /// Every byte before this position of the log is known to be synced.
    public internal(set) var durablePosition: LogPosition

    /// How many bytes the segments take on the disk, the zeros ahead of the tail included.
    public var bytesOnDisk: UInt64 {
        sealed.reduce(UInt64(segment.zeroedThrough)) { $0 + UInt64($1.bytes) }
    }

    /// Where the next batch goes.
    public var position: LogPosition { segment.position }

    /// A mark at the log's end, which the next mark is written over.
    struct Mark {
        var offset: Int
        var commit: LogIndex
    }

    /// Room that every batch leaves in the zeros behind it: a mark and a seal.
    static var room: Int { 2 * RecordHeader.size }

    init(
        disk: consuming Storage, identity: DirectoryIdentity, limits: LogLimits, segment: Segment,
        sealed: [SealedSegment], head: SegmentHead, mark: Mark?, hasReserve: Bool
    ) {
        self.disk = disk
        self.identity = identity
        self.limits = limits
        self.segment = segment
        self.mark = mark
        self.sealed = sealed
        self.head = head
        isFull = !hasReserve
        durableIndex = head.last.index
        durablePosition = segment.position
        zeros = [UInt8](repeating: 0, count: limits.preallocationBytes)
    }

    /// Writes down, synced, that the node starts; it must not talk to anybody before. Called first, on
    /// the log as it was opened, with the start that follows those before.
    public mutating func begin(_ start: Start) throws(LogFault) {
        var batch = LogBatch(capacity: 64)
        batch.append(start)
        try flush(&batch)
        try sync()
    }

    /// Writes down, synced, that the log begins anew behind the last entry of a snapshot, whose term may
    /// be newer than the one on disk.
    mutating func begin(behind snapshot: SegmentHead) throws(LogFault) {
        var batch = LogBatch(capacity: 128)
        if snapshot.hardState != head.hardState { batch.append(snapshot.hardState) }
        batch.append(base: snapshot.last)
        try flush(&batch)
        try sync()
    }

    /// Notes what was found to be committed when the log was opened.
    mutating func noteCommit(_ commit: LogIndex) { head.commit = commit }

    /// Writes the batch, in one write, and empties it. The batch before must have been synced.
    ///
    /// Where space can't be had the reserve is given back. Where that is not enough it throws `noSpace`,
    /// and the batch stays as it is.
    public mutating func flush(_ batch: inout LogBatch) throws(LogFault) {
        try refuseAfterFailure()
        precondition(!isUnsynced, "a second unsynced batch at \(position)")
        guard !batch.isEmpty else { return }
        try makeRoom(for: batch.count)
        head.note(batch.changes)
        try write(&batch)
        isUnsynced = true
        mark = nil
    }

    /// Makes the batch that was written durable.
    public mutating func sync() throws(LogFault) {
        try refuseAfterFailure()
        guard isUnsynced else { return }
        do throws(DiskError) {
            try disk.sync(segment.file)
        } catch {
            throw fail(error)
        }
        isUnsynced = false
        durablePosition = position
        durableIndex = head.last.index
    }

    /// Notes, without a sync, that the last batch was synced, and how far the log is known to be
    /// committed; called when nothing is unsynced. It writes nothing where that is known.
    ///
    /// The commit index is clipped to what is durable here, and never falls. Where there is no space, the
    /// note is missing.
    public mutating func writeMark(commit: LogIndex) throws(LogFault) {
        try refuseAfterFailure()
        precondition(!isUnsynced, "a mark amid a batch at \(position)")
        let commit = min(max(commit, head.commit), durableIndex)
        if let mark {
            guard mark.commit != commit else { return }
            segment.tail = mark.offset
            durablePosition = min(durablePosition, position)
        } else if segment.number == 1, segment.tail == SegmentHeader.size {
            return
        }
        let offset = segment.tail
        do throws(LogFault) {
            try extendZeros(through: offset + Self.room)
        } catch {
            guard case .noSpace = error else { throw error }
            return
        }
        var record = LogBatch(capacity: 64)
        record.append(.mark, index: commit)
        try write(&record)
        mark = Mark(offset: offset, commit: commit)
        head.commit = commit
    }

    /// Ends the log's use: syncs what is written, and a last mark.
    public mutating func close(commit: LogIndex) throws(LogFault) {
        try sync()
        try writeMark(commit: commit)
        isUnsynced = true
        try sync()
    }

    /// Puts the records at the tail, into zeros that are there.
    private mutating func write(_ batch: inout LogBatch) throws(LogFault) {
        batch.finish(at: position, durable: durablePosition)
        do throws(DiskError) {
            try disk.write(batch.bytes, 0..<batch.count, to: segment.file, at: segment.tail)
        } catch {
            throw fail(error)
        }
        segment.tail += batch.count
        batch.removeAll()
    }

    func refuseAfterFailure() throws(LogFault) {
        if let failure { throw .disk(failure) }
    }

    /// Notes that the disk's content is unknown from now on.
    mutating func fail(_ error: DiskError) -> LogFault {
        failure = error
        return .disk(error)
    }
}

extension WriteAheadLog: Sendable where Storage: Sendable & ~Copyable {}
