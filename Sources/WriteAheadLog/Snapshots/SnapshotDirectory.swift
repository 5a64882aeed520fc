import Primitives
import Raft

/// The snapshots of a node's directory (docs/disk-format.md, "snapshot-….bin").
///
/// They lie beside the log and are saved beside it, too: by another thread, through a disk of its own
/// for the same directory.
public enum SnapshotDirectory {
    /// How many snapshots are kept: where the newest is damaged, the one before counts.
    public static let kept = 2

    static let asideName = "snapshot.new"
    private static let prefix = "snapshot-"
    private static let digits = 20

    /// The name of the file of the snapshot that ends with the entry at `index`.
    public static func fileName(_ index: LogIndex) -> String {
        prefix + index.number.padded(to: digits) + ".bin"
    }

    /// The index in the name of a snapshot's file, or nil for any other file.
    public static func index(ofFile name: String) -> LogIndex? {
        guard name.hasPrefix(prefix), name.hasSuffix(".bin"),
            let number = UInt64(name.dropFirst(prefix.count).dropLast(4)), number > 0,
            fileName(LogIndex(number)) == name
        else { return nil }
        return LogIndex(number)
    }

    /// The indices of the snapshots among those files, the newest first.
    public static func indices(in names: [String]) -> [LogIndex] {
        names.compactMap { index(ofFile: $0) }.sorted { $0 > $1 }
    }

    /// Saves the bytes of a snapshot that ends with `last`, durable when this returns, and removes all
    /// but the two newest.
    ///
    /// Returns through which index the log may be dropped now: that of the older of the two, zero where
    /// there is one alone. Where it throws, the directory holds what it held before; where space could
    /// not be had, what is half done is removed.
    @discardableResult
    public static func save<Storage: Disk & ~Copyable>(
        _ bytes: [UInt8], last: EntryID, on disk: inout Storage
    ) throws(DiskError) -> LogIndex {
        do throws(DiskError) {
            let file = try disk.open(asideName, .created)
            defer { disk.close(file) }
            try disk.write(bytes, 0..<bytes.count, to: file, at: 0)
            try disk.sync(file)
        } catch {
            if error.kind == .noSpace { try? disk.remove(asideName) }
            throw error
        }
        try disk.rename(asideName, to: fileName(last.index))
        // Before this a power cut may take the name back, and before that the log must be whole.
        try disk.syncDirectory()
        let all = indices(in: try disk.list())
        for index in all.dropFirst(kept) { try disk.remove(fileName(index)) }
        return all.count < kept ? .zero : all[kept - 1]
    }

    /// The newest snapshot of the directory that verifies, and the newer ones that don't.
    static func find<Storage: Disk & ~Copyable>(
        in names: [String], on disk: inout Storage
    ) throws(LogFault) -> FoundSnapshots {
        var found = FoundSnapshots()
        for index in indices(in: names) {
            let name = fileName(index)
            let bytes: [UInt8]
            do throws(DiskError) { bytes = try disk.read(name) } catch { throw .disk(error) }
            do throws(SnapshotFault) {
                let file = try SnapshotFile.decode(bytes)
                guard file.last.index == index else { throw .damaged }
                found.newest = file
                return found
            } catch {
                switch error {
                case .damaged: found.damaged.append(index)
                case .newerVersion:
                    throw .newer(file: name, offset: FormatVersion.versionOffset)
                case .newerLevel(let level): throw .newerLevel(level, file: name)
                }
            }
        }
        return found
    }
}

/// What snapshots a directory was found to hold.
struct FoundSnapshots {
    /// The newest one that verifies.
    var newest: SnapshotFile?
    /// Those that are newer and don't, the newest first.
    var damaged: [LogIndex] = []
}
