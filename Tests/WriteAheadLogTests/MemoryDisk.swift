import Primitives

@testable import WriteAheadLog

/// A directory in memory that forgets, at a power cut, any of what was not synced.
///
/// A file's unsynced bytes are lost or kept sector by sector, its length is the old or the new one,
/// and of the changes to the directory since its last sync any first few are kept.
final class MemoryDisk: Disk {
    struct Content: Equatable {
        var synced: [UInt8] = []
        var current: [UInt8] = []
        /// Sectors that a failed sync has left in memory alone: the next sync takes them for
        /// written, unless they are written once more.
        var forgotten: [Int] = []

        mutating func sync() {
            let platter = synced
            synced = current
            for sector in forgotten { restore(sector, of: platter, in: &synced) }
        }

        /// A sync fails, and everything it was to write looks clean from now on.
        mutating func forget() {
            let last = (current.count + MemoryDisk.sectorSize - 1) / MemoryDisk.sectorSize
            forgotten = (0..<last).filter { sector in
                var changed = current
                restore(sector, of: synced, in: &changed)
                return changed != current
            }
        }

        func restore(_ sector: Int, of platter: [UInt8], in bytes: inout [UInt8]) {
            let start = sector * MemoryDisk.sectorSize
            for offset in start..<min(start + MemoryDisk.sectorSize, bytes.count) {
                bytes[offset] = offset < platter.count ? platter[offset] : 0
            }
        }
    }

    fileprivate enum NameChange {
        case link(String, Int)
        case unlink(String)
        case rename(String, String)
    }

    static let sectorSize = 64

    private var contents: [Content] = []
    private var names: [String: Int] = [:]
    private var syncedNames: [String: Int] = [:]
    private var nameChanges: [NameChange] = []

    /// How many changing operations were asked for.
    private(set) var operations = 0
    /// After how many changing operations the power goes; the one that meets it is done but not
    /// acknowledged, unless it is a sync.
    var powerFailsAfter: Int?
    /// How many bytes of a write that meets the power cut are done; nil for all.
    var bytesOfTheLastWrite: Int?
    /// All the bytes of the write that met the power cut.
    private(set) var interruptedWrite: [UInt8]?
    /// How many bytes all files may take together.
    var capacity = Int.max
    /// Makes the next write or sync fail with an input/output error.
    var breaksNext = false
    /// After how many more syncs of a file one fails, and its pages look clean; nil for none.
    var syncsUntilForgotten: Int?
    /// Where the write that met the power cut was to go.
    private var interrupted: (file: Int, range: Range<Int>)?

    var isOff: Bool { powerFailsAfter.map { operations > $0 } ?? false }

    private func count(_ operation: DiskError.Operation) throws(DiskError) {
        if isOff { throw DiskError(operation, "", .io) }
        operations += 1
    }

    /// Throws where the power went during the operation just done.
    private func acknowledge(_ operation: DiskError.Operation) throws(DiskError) {
        if isOff { throw DiskError(operation, "", .io) }
    }

    func list() throws(DiskError) -> [String] {
        if isOff { throw DiskError(.list, "", .io) }
        return names.keys.sorted()
    }

    func read(_ name: String) throws(DiskError) -> [UInt8] {
        if isOff { throw DiskError(.read, name, .io) }
        guard let number = names[name] else { throw DiskError(.read, name, .missing) }
        return contents[number].current
    }

    func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile {
        if opening == .existing {
            if isOff { throw DiskError(.open, name, .io) }
            guard let number = names[name] else { throw DiskError(.open, name, .missing) }
            return DiskFile(Int32(number))
        }
        try count(.open)
        if let number = names[name] {
            contents[number].current = []
        } else {
            contents.append(Content())
            names[name] = contents.count - 1
            nameChanges.append(.link(name, contents.count - 1))
        }
        try acknowledge(.open)
        return DiskFile(Int32(names[name]!))
    }

    func close(_ file: DiskFile) {}

    func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        try count(.write)
        if breaksNext { throw DiskError(.write, "", .io, errno: 5) }
        var range = range
        if isOff {
            interruptedWrite = Array(bytes[range])
            interrupted = (Int(file.number), offset..<offset + range.count)
            range = range.prefix(bytesOfTheLastWrite ?? range.count)
        }
        let number = Int(file.number)
        let end = offset + range.count
        let grown = max(0, end - contents[number].current.count)
        if used + grown > capacity { throw DiskError(.write, "", .noSpace, errno: 28) }
        contents[number].current.append(contentsOf: [UInt8](repeating: 0, count: grown))
        contents[number].current.replaceSubrange(offset..<end, with: bytes[range])
        contents[number].forgotten.removeAll { sector in
            (sector * MemoryDisk.sectorSize..<(sector + 1) * MemoryDisk.sectorSize)
                .overlaps(offset..<end)
        }
        try acknowledge(.write)
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        try count(.sync)
        if breaksNext { throw DiskError(.sync, "", .io, errno: 5) }
        try acknowledge(.sync)
        if let left = syncsUntilForgotten {
            syncsUntilForgotten = left == 0 ? nil : left - 1
            if left == 0 {
                contents[Int(file.number)].forget()
                throw DiskError(.sync, "", .io, errno: 5)
            }
        }
        contents[Int(file.number)].sync()
    }

    func syncDirectory() throws(DiskError) {
        try count(.syncDirectory)
        try acknowledge(.syncDirectory)
        syncedNames = names
        nameChanges = []
    }

    func rename(_ name: String, to newName: String) throws(DiskError) {
        try count(.rename)
        names[newName] = names.removeValue(forKey: name)
        nameChanges.append(.rename(name, newName))
        try acknowledge(.rename)
    }

    func remove(_ name: String) throws(DiskError) {
        try count(.remove)
        guard names.removeValue(forKey: name) != nil else {
            throw DiskError(.remove, name, .missing)
        }
        nameChanges.append(.unlink(name))
        try acknowledge(.remove)
    }

    /// How many bytes all files take together.
    var used: Int { names.values.reduce(0) { $0 + contents[$1].current.count } }
}

extension MemoryDisk {
    /// The power goes and comes back: what was not synced is kept or lost as `random` has it.
    ///
    /// A write that was under way may have left anything in one of its sectors, if `shears`.
    func cutPower(_ random: inout RandomSource, shears: Bool = false) {
        names = syncedNames
        for change in nameChanges.prefix(random.below(nameChanges.count + 1)) {
            switch change {
            case .link(let name, let number): names[name] = number
            case .unlink(let name): names[name] = nil
            case .rename(let name, let newName): names[newName] = names.removeValue(forKey: name)
            }
        }
        for number in contents.indices {
            contents[number].current = survivors(of: contents[number], &random)
        }
        if shears, let interrupted { shear(interrupted.file, interrupted.range, &random) }
        settle()
        restart()
    }

    private func shear(_ file: Int, _ range: Range<Int>, _ random: inout RandomSource) {
        let range = range.clamped(to: 0..<contents[file].current.count)
        guard !range.isEmpty else { return }
        let sector = (range.lowerBound + random.below(range.count)) / MemoryDisk.sectorSize
        let start = sector * MemoryDisk.sectorSize
        for offset in range.clamped(to: start..<start + MemoryDisk.sectorSize) {
            contents[file].current[offset] = UInt8(random.below(256))
        }
    }

    /// The process was killed, and a new one finds everything that was written.
    func restart() {
        powerFailsAfter = nil
        bytesOfTheLastWrite = nil
        interruptedWrite = nil
        interrupted = nil
        syncsUntilForgotten = nil
        operations = 0
        breaksNext = false
        capacity = .max
    }

    /// Everything on the disk and in memory, to go back to.
    struct Snapshot {
        fileprivate var contents: [Content]
        fileprivate var names: [String: Int]
        fileprivate var syncedNames: [String: Int]
        fileprivate var nameChanges: [NameChange]
    }

    var snapshot: Snapshot {
        get {
            Snapshot(
                contents: contents, names: names, syncedNames: syncedNames,
                nameChanges: nameChanges)
        }
        set {
            contents = newValue.contents
            names = newValue.names
            syncedNames = newValue.syncedNames
            nameChanges = newValue.nameChanges
        }
    }

    /// Says that all there is now is synced.
    func settle() {
        for number in contents.indices {
            contents[number].synced = contents[number].current
            contents[number].forgotten = []
        }
        syncedNames = names
        nameChanges = []
    }

    private func survivors(of content: Content, _ random: inout RandomSource) -> [UInt8] {
        if content.synced == content.current { return content.current }
        let length =
            random.chance(1, in: 2) ? content.current.count : content.synced.count
        var bytes = [UInt8](repeating: 0, count: length)
        // All of it, nothing of it, or any sectors.
        let odds = random.below(4)
        for sector in stride(from: 0, to: length, by: MemoryDisk.sectorSize) {
            let isForgotten = content.forgotten.contains(sector / MemoryDisk.sectorSize)
            let isKept = !isForgotten && (odds == 1 || (odds != 0 && random.chance(1, in: 2)))
            let source = isKept ? content.current : content.synced
            for offset in sector..<min(sector + MemoryDisk.sectorSize, length)
            where offset < source.count {
                bytes[offset] = source[offset]
            }
        }
        return bytes
    }

    /// All files and their bytes, as a process sees them.
    var files: [String: [UInt8]] {
        get { names.mapValues { contents[$0].current } }
        set {
            names = [:]
            contents = []
            for (name, bytes) in newValue.sorted(by: { $0.key < $1.key }) {
                names[name] = contents.count
                contents.append(Content(synced: bytes, current: bytes))
            }
            settle()
        }
    }

    /// The files, without those that keep torn bytes.
    var filesOfTheLog: [String: [UInt8]] { files.filter { !$0.key.hasPrefix("torn") } }
}
