import WriteAheadLog

/// A directory in memory on which the production log runs. It never fails: what is told about it are
/// its bytes.
final class ImageDisk: Disk {
    /// All files and their bytes.
    private(set) var files: [String: [UInt8]]
    private var opened: [String] = []

    init(_ files: [String: [UInt8]]) { self.files = files }

    func list() throws(DiskError) -> [String] { files.keys.sorted() }

    func read(_ name: String) throws(DiskError) -> [UInt8] {
        guard let bytes = files[name] else { throw DiskError(.read, name, .missing) }
        return bytes
    }

    func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile {
        switch opening {
        case .existing:
            guard files[name] != nil else { throw DiskError(.open, name, .missing) }
        case .created:
            files[name] = []
        }
        opened.append(name)
        return DiskFile(Int32(opened.count - 1))
    }

    func close(_ file: DiskFile) {}

    func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        let name = opened[Int(file.number)]
        guard var content = files.removeValue(forKey: name) else {
            throw DiskError(.write, name, .missing)
        }
        let end = offset + range.count
        content += [UInt8](repeating: 0, count: max(0, end - content.count))
        content.replaceSubrange(offset..<end, with: bytes[range])
        files[name] = content
    }

    func sync(_ file: DiskFile) throws(DiskError) {}

    func syncDirectory() throws(DiskError) {}

    func rename(_ name: String, to newName: String) throws(DiskError) {
        guard let bytes = files.removeValue(forKey: name) else {
            throw DiskError(.rename, name, .missing)
        }
        files[newName] = bytes
    }

    func remove(_ name: String) throws(DiskError) {
        guard files.removeValue(forKey: name) != nil else {
            throw DiskError(.remove, name, .missing)
        }
    }
}
