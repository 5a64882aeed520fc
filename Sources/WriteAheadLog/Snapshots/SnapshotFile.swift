import Founding
import Primitives
import Raft

/// The state after an entry, with all that is needed to begin with it: what a node keeps in place of
/// the log before that entry, what a follower is sent, and what a backup is.
///
/// The bytes are specified in `docs/disk-format.md`, "snapshot-….bin".
public struct SnapshotFile: Hashable, Sendable {
    /// Who founded the cluster.
    public let record: FoundingRecord
    /// The last entry that the state holds; it is committed.
    public let last: EntryID
    /// The cluster's feature level at that entry.
    public let level: FeatureLevel
    /// The state, as the engine spells it.
    public let state: [UInt8]

    private static let magic = Array("TALLYSNP".utf8)
    /// What the fields before the founding record take, in bytes.
    private static let fields = 40
    /// No index or term reaches this, so that sums never overflow.
    private static let limit: UInt64 = 1 << 62

    /// The state after `last`, which is an entry and not what stands before the first.
    public init(record: FoundingRecord, last: EntryID, level: FeatureLevel, state: [UInt8]) {
        precondition(last.index > .zero, "a snapshot of nothing")
        self.record = record
        self.last = last
        self.level = level
        self.state = state
    }

    /// The cluster's name, 1 to 32 bytes.
    public var cluster: [UInt8] { record.cluster }

    /// The file's bytes.
    public var encoded: [UInt8] {
        SnapshotFile.encode(record, last: last, level: level, stateSize: state.count) {
            $0.write(state)
        }
    }

    /// The bytes of a file with a state of `stateSize` bytes that `state` writes straight into them.
    public static func encode(
        _ record: FoundingRecord, last: EntryID, level: FeatureLevel, stateSize: Int,
        _ state: (inout ByteWriter) -> Void
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: SnapshotFile.fields + 512 + stateSize)
        writer.write(SnapshotFile.magic)
        writer.write(FormatVersion.current)
        writer.write(UInt32(0))
        writer.write(last.index.number)
        writer.write(last.term.number)
        writer.write(level.number)
        writer.pad(to: SnapshotFile.fields)
        record.encode(into: &writer)
        state(&writer)
        writer.overwrite(FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
        return writer.bytes
    }

    /// What the bytes of a file say, whoever sent them.
    public static func decode(_ bytes: [UInt8]) throws(SnapshotFault) -> SnapshotFile {
        guard bytes.count >= fields, bytes.starts(with: magic),
            bytes.span.littleEndian(UInt32.self, at: FormatVersion.checksumOffset)
                == FormatVersion.checksum(of: bytes)
        else { throw .damaged }
        let version = bytes.span.littleEndian(UInt32.self, at: FormatVersion.versionOffset)
        if version > FormatVersion.current { throw .newerVersion(version) }
        var reader = ByteReader(bytes, in: FormatVersion.prefix..<bytes.count)
        guard version == FormatVersion.current,
            let index = reader.read(UInt64.self), (1..<limit).contains(index),
            let term = reader.read(UInt64.self), (1..<limit).contains(term),
            let number = reader.read(UInt16.self), number > 0,
            let zeros = reader.read(count: 6), zeros.allSatisfy({ $0 == 0 })
        else { throw .damaged }
        let level = FeatureLevel(number)
        if level > .current { throw .newerLevel(level) }
        guard let record = FoundingRecord(from: &reader),
            let state = reader.read(count: reader.remaining)
        else { throw .damaged }
        return SnapshotFile(
            record: record, last: EntryID(index: LogIndex(index), term: Term(term)), level: level,
            state: state)
    }
}

/// Why bytes are no snapshot that this program can begin with.
public enum SnapshotFault: Error, Hashable, Sendable {
    /// They are not what was written.
    case damaged
    /// They are of a later version of the format.
    case newerVersion(UInt32)
    /// The state belongs to a feature level that this program can't do.
    case newerLevel(FeatureLevel)
}

extension SnapshotFault: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .damaged: "the snapshot does not verify"
        case .newerVersion(let version):
            "the snapshot is of format version \(version); this version of tally reads "
                + "version \(FormatVersion.current)"
        case .newerLevel(let level): level.need
        }
    }
}

extension FeatureLevel {
    /// That a program with this level is needed, for people.
    var need: String {
        "needs a version of tally with feature level \(number); this one has "
            + "\(FeatureLevel.current.number)"
    }
}
