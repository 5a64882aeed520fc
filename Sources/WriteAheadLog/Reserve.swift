/// The file that keeps space for the time when the disk is full (docs/disk-format.md, "reserve").
///
/// ```
///  reserve.new ──zeros, sync, rename, directory synced──▶ reserve ──disk full──▶ removed
/// ```
enum Reserve {
    static let fileName = "reserve"
    static let asideName = "reserve.new"

    /// Makes the file, of so many bytes. Where space can't be had nothing is left of it.
    static func make<Storage: Disk & ~Copyable>(
        bytes: Int, on disk: inout Storage
    ) throws(DiskError) {
        do throws(DiskError) {
            let file = try disk.open(asideName, .created)
            defer { disk.close(file) }
            let zeros = [UInt8](repeating: 0, count: min(bytes, 256 << 10))
            for start in stride(from: 0, to: bytes, by: zeros.count) {
                let count = min(zeros.count, bytes - start)
                try disk.write(zeros, 0..<count, to: file, at: start)
            }
            try disk.sync(file)
        } catch {
            if error.kind == .noSpace { try? disk.remove(asideName) }
            throw error
        }
        try disk.rename(asideName, to: fileName)
        try disk.syncDirectory()
    }

    /// Gives its space back. A file system may keep what is removed until the directory is synced. Where
    /// somebody else has removed the file, to make room, the same is true.
    static func remove<Storage: Disk & ~Copyable>(from disk: inout Storage) throws(DiskError) {
        do throws(DiskError) {
            try disk.remove(fileName)
        } catch {
            guard error.kind == .missing else { throw error }
        }
        try disk.syncDirectory()
    }
}
