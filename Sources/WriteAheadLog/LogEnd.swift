import Primitives
import Raft

/// Where a log ends, and what has to be cleared away before it goes on there.
struct LogEnd {
    /// The number of the last segment.
    let number: UInt64
    /// The log position of its first byte.
    let start: LogPosition
    /// Where its head ends.
    let headEnd: Int
    /// The index of the last entry before it, where its head says so.
    let base: LogIndex?
    /// Where the next record goes, an offset in the segment.
    let offset: Int
    /// The length of the segment's file.
    let size: Int
    /// The bytes at the offset that belong to a torn batch, none of them zero at the end.
    let torn: [UInt8]
    /// Bytes that were read and may be in memory only: all since the newest record's durable
    /// position, and zeros in place of the torn ones. The last part lies in the last segment.
    let unproven: [Rewrite.Part]
    /// Whether that is a mark and no more, of which nothing tells that it was there: losing it loses
    /// nothing.
    let isMarkAlone: Bool
    /// A segment whose roll was interrupted.
    let successor: UInt64?
    /// All segments before it that are there, in order.
    let sealed: [SealedSegment]

    /// The number of the segment with which what was read begins.
    var firstSegment: UInt64 { sealed.first { $0.base != nil }?.number ?? number }

    /// Clears away what a crash left behind and makes durable what was read.
    ///
    /// A sync alone would not: after one that failed the kernel takes its pages for written, and the
    /// next one has nothing to do. So everything unproven is written once more, kept aside while it
    /// is. A crash at any point leaves a log that ends at the same place: torn bytes are kept before
    /// they are overwritten, and overwritten before anything is written behind them.
    func settle<Storage: Disk & ~Copyable>(
        on disk: inout Storage, identity: DirectoryIdentity, names: [String]
    ) throws(DiskError) -> (Segment, TornTail?) {
        let kept = torn.isEmpty ? nil : try keepTorn(on: &disk, names: names)
        let rewrite = Rewrite(disk: identity.disk, parts: unproven)
        if !isMarkAlone { try rewrite.keep(on: &disk) }
        let file = try rewrite.write(on: &disk)
        if let successor { try disk.remove(SegmentHeader.fileName(successor)) }
        // Once something is written behind the tail, the bytes kept aside would undo it.
        if !isMarkAlone { try rewrite.remove(from: &disk) }
        try disk.syncDirectory()
        let segment = Segment(
            number: number, start: start, file: file, headEnd: headEnd, base: base, tail: offset,
            zeroedThrough: size)
        let cut = kept.map {
            TornTail(
                file: SegmentHeader.fileName(number), offset: offset, count: torn.count, keptIn: $0)
        }
        return (segment, cut)
    }

    /// Writes the torn bytes to a file of their own, never over another one, and returns its name.
    private func keepTorn<Storage: Disk & ~Copyable>(
        on disk: inout Storage, names: [String]
    ) throws(DiskError) -> String {
        var attempt = 1
        var name = SegmentHeader.tornName(number, offset: offset, attempt: attempt)
        while names.contains(name) {
            // The same bytes were kept by a recovery that then crashed, perhaps before the sync.
            if try disk.read(name) == torn { break }
            attempt += 1
            name = SegmentHeader.tornName(number, offset: offset, attempt: attempt)
        }
        let file = try disk.open(name, names.contains(name) ? .existing : .created)
        try disk.write(torn, 0..<torn.count, to: file, at: 0)
        try disk.sync(file)
        disk.close(file)
        try disk.syncDirectory()
        return name
    }
}
