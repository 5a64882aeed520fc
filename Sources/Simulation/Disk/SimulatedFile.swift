import Primitives

/// A file of the simulated disk: its bytes as the machine's memory has them, and what it takes to
/// go back to the bytes that are on the platter.
///
/// A sector of 512 bytes that is written is remembered as it was, until the file is synced. When the
/// power goes, each of them is lost, kept or torn, whatever became of the others. After a sync that
/// failed they may look written and be in memory alone: no later sync puts them on the platter.
struct SimulatedFile {
    static let sectorSize = 512

    /// The bytes that a reader sees.
    private(set) var bytes: [UInt8] = []

    /// How long the file was when it was last synced.
    private var syncedCount = 0
    /// Sectors written since the last sync, and what they held before, one after the other.
    private var dirty: [Int] = []
    private var before: [UInt8] = []
    private var isDirty: [Bool] = []
    /// Sectors that look written and are not, and what the platter holds there.
    private var forgotten: [(sector: Int, before: [UInt8])] = []
    /// Bytes that were written over the same ones since the last sync, each in one sector: a power
    /// loss may leave anything there, as the middle of a write that reached the platter half.
    private var rewritten: [Range<Int>] = []

    /// Whether all bytes are on the platter.
    var isSynced: Bool { dirty.isEmpty && forgotten.isEmpty && syncedCount == bytes.count }

    /// Writes a range of `source` at `offset`; a shorter file grows.
    mutating func write(_ source: [UInt8], _ range: Range<Int>, at offset: Int) {
        guard !range.isEmpty else { return }
        let end = offset + range.count
        if end > bytes.count {
            bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
        }
        remember(offset..<end)
        noteRewritten(source[range], at: offset)
        bytes.replaceSubrange(offset..<end, with: source[range])
    }

    private mutating func remember(_ range: Range<Int>) {
        let size = SimulatedFile.sectorSize
        let last = (range.upperBound - 1) / size
        while isDirty.count <= last { isDirty.append(false) }
        for sector in range.lowerBound / size...last where !isDirty[sector] {
            isDirty[sector] = true
            dirty.append(sector)
            if let position = forgotten.firstIndex(where: { $0.sector == sector }) {
                before.append(contentsOf: forgotten.remove(at: position).before)
                continue
            }
            let end = min(bytes.count, (sector + 1) * size)
            before.append(contentsOf: bytes[sector * size..<end])
            before.append(contentsOf: repeatElement(0, count: (sector + 1) * size - end))
        }
    }

    /// Notes which sectors' share of a write is what is there already; zeros have nothing to lose.
    private mutating func noteRewritten(_ source: ArraySlice<UInt8>, at offset: Int) {
        let size = SimulatedFile.sectorSize
        var start = offset
        while start < offset + source.count {
            let end = min(offset + source.count, (start / size + 1) * size)
            let from = source.startIndex + start - offset
            let share = source[from..<from + end - start]
            if share.contains(where: { $0 != 0 }), share == bytes[start..<end] {
                rewritten.append(start..<end)
            }
            start = end
        }
    }

    /// Puts all bytes on the platter.
    mutating func sync() {
        for sector in dirty { isDirty[sector] = false }
        dirty.removeAll(keepingCapacity: true)
        before.removeAll(keepingCapacity: true)
        rewritten.removeAll(keepingCapacity: true)
        syncedCount = bytes.count
    }

    /// Takes the bytes as they read for those on the platter, as in a copy of the file.
    mutating func settle() {
        sync()
        forgotten.removeAll()
    }

    /// A sync fails, and what it was to write looks written from now on.
    mutating func forget() {
        let size = SimulatedFile.sectorSize
        for (position, sector) in dirty.enumerated() {
            isDirty[sector] = false
            let before = Array(before[position * size..<(position + 1) * size])
            forgotten.append((sector: sector, before: before))
        }
        dirty.removeAll(keepingCapacity: true)
        before.removeAll(keepingCapacity: true)
        rewritten.removeAll(keepingCapacity: true)
    }

    /// Puts any of the unsynced sectors on the platter.
    mutating func syncPart(_ random: inout RandomSource) {
        let (sectors, contents, size) = (dirty, before, SimulatedFile.sectorSize)
        dirty.removeAll()
        before.removeAll()
        for (position, sector) in sectors.enumerated() {
            if random.chance(1, in: 2) {
                isDirty[sector] = false
            } else {
                dirty.append(sector)
                before.append(contentsOf: contents[position * size..<(position + 1) * size])
            }
        }
    }

    /// Turns bits over in memory, and on the platter where it holds the same byte.
    mutating func turn(_ mask: UInt8, at offset: Int) {
        guard offset < bytes.count else { return }
        bytes[offset] ^= mask
        let size = SimulatedFile.sectorSize
        if let position = dirty.firstIndex(of: offset / size) {
            before[position * size + offset % size] ^= mask
        }
        if let position = forgotten.firstIndex(where: { $0.sector == offset / size }) {
            forgotten[position].before[offset % size] ^= mask
        }
    }

    /// The power goes: any of the unsynced sectors is lost, or torn at any byte.
    mutating func losePower(_ random: inout RandomSource) {
        let size = SimulatedFile.sectorSize
        for (position, sector) in dirty.enumerated() {
            let start = sector * size
            let kept =
                switch random.below(3) {
                case 0: 0
                case 1: size
                default: random.below(size + 1)
                }
            let end = min(bytes.count, start + size)
            guard start + kept < end else { continue }
            let old = position * size
            bytes.replaceSubrange(
                start + kept..<end, with: before[old + kept..<old + (end - start)])
        }
        for (sector, before) in forgotten where sector * size < bytes.count {
            let end = min(bytes.count, (sector + 1) * size)
            bytes.replaceSubrange(sector * size..<end, with: before[..<(end - sector * size)])
        }
        for range in rewritten where random.chance(1, in: 2) {
            for offset in range { bytes[offset] = UInt8(truncatingIfNeeded: random.next()) }
        }
        if bytes.count > syncedCount, random.chance(1, in: 2) {
            bytes.removeLast(random.below(bytes.count - syncedCount + 1))
        }
        settle()
    }

    /// The file is emptied.
    mutating func clear() {
        self = SimulatedFile()
    }
}
