/// The file that keeps space for the time when the disk is full (docs/disk-format.md, "reserve").
///
/// ```
///  reserve.new ──zeros, sync, rename, directory synced──▶ reserve ──disk full──▶ removed
/// ```
enum Reserve {
    static let fileName = "reserve"
    static let asideName = "reserve.new"

    /// Makes the file from so many times those zeros. Where space can't be had nothing is left of it.
    static func make<Storage: Disk & ~Copyable>(
        _ zeros: [UInt8], bytes: Int, on disk: inout Storage
    ) throws(DiskError) {
        do throws(DiskError) {
            let file = try disk.open(asideName, .created)
            defer { disk.close(file) }
            try disk.writeZeros(zeros, 0..<bytes, to: file)
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

extension Disk where Self: ~Copyable {
    /// Writes zeros over that range of the file, in pieces as long as `zeros`.
    mutating func writeZeros(
        _ zeros: [UInt8], _ range: Range<Int>, to file: DiskFile
    ) throws(DiskError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try write(zeros, 0..<count, to: file, at: offset)
            offset += count
        }
    }
}
