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
            try disk.write([UInt8](repeating: 0, count: bytes), 0..<bytes, to: file, at: 0)
            try disk.sync(file)
        } catch {
            if error.kind == .noSpace { try? disk.remove(asideName) }
            throw error
        }
        try disk.rename(asideName, to: fileName)
        try disk.syncDirectory()
    }

    /// Gives its space back. A file system may keep what is removed until the directory is synced.
    static func remove<Storage: Disk & ~Copyable>(from disk: inout Storage) throws(DiskError) {
        try disk.remove(fileName)
        try disk.syncDirectory()
    }
}
