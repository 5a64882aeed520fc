import Founding
import Primitives
import Raft
import WriteAheadLog

/// A node's disk: it outlives the node's processes, and it loses what was not synced when the power
/// goes.
final class DiskState {
    /// A name and the file it stands for.
    private struct Entry {
        var name: String
        var file: Int
    }

    /// The number that a directory made here gets.
    let number: DiskID
    private var random: RandomSource
    private var files: [SimulatedFile] = []
    /// Files that have no name, not even on the platter.
    private var free: [Int] = []
    /// The directory as a reader sees it, then as it was after each change since its last sync; the
    /// first is on the platter.
    private var directory: [Entry] = []
    private var unsynced: [[Entry]] = []

    /// After how many more changes the machine dies in the middle of one; nil where it does not.
    private(set) var changesUntilDeath: Int?
    /// Whether the machine died in the middle of a change: nothing works until `revive`.
    private(set) var isDead = false
    /// What is wrong with it while its machine lives.
    var trouble = DiskTrouble()

    init(number: DiskID, seed: UInt64) {
        self.number = number
        random = RandomSource(seed: seed)
    }

    /// A copy of another disk as it reads now.
    init(copyOf other: DiskState) {
        number = other.number
        random = other.random
        files = other.files
        directory = other.directory
        for file in files.indices { files[file].settle() }
    }

    /// Lets the machine die in the middle of the change to the disk after that many others.
    func dieAfter(changes: Int) { changesUntilDeath = changes }

    /// The machine goes on; a death that was planned is called off.
    func revive() {
        isDead = false
        changesUntilDeath = nil
    }

    /// The power goes: files lose unsynced sectors, and the directory its last changes.
    func losePower() {
        for file in files.indices where !files[file].isSynced { files[file].losePower(&random) }
        // A journal keeps the order of what changes a directory.
        if !unsynced.isEmpty {
            let kept = random.below(unsynced.count + 1)
            if kept < unsynced.count { directory = unsynced[kept] }
            unsynced.removeAll()
        }
    }

    var names: [String] { directory.map(\.name) }

    func file(named name: String) -> Int? {
        directory.first { $0.name == name }?.file
    }

    func bytes(of file: Int) -> [UInt8] { files[file].bytes }

    /// Makes an empty file of that name, in place of whatever had it.
    func make(_ name: String) -> Int {
        if let file = file(named: name) {
            files[file].clear()
            return file
        }
        let file = free.popLast() ?? files.count
        if file == files.count { files.append(SimulatedFile()) }
        files[file].clear()
        change { $0.append(Entry(name: name, file: file)) }
        return file
    }

    func rename(_ name: String, to newName: String) {
        change { directory in
            directory.removeAll { $0.name == newName }
            for position in directory.indices where directory[position].name == name {
                directory[position].name = newName
            }
        }
    }

    func remove(_ name: String) {
        change { $0.removeAll { $0.name == name } }
    }

    private func change(_ body: (inout [Entry]) -> Void) {
        unsynced.append(directory)
        body(&directory)
    }

    func syncDirectory() {
        unsynced.removeAll()
        // What no name leads to any more takes no room.
        free = files.indices.filter { file in !directory.contains { $0.file == file } }
    }

    func sync(_ file: Int) { files[file].sync() }

    /// Writes the bytes, or, where the machine dies of it, some of them.
    func write(_ bytes: [UInt8], _ range: Range<Int>, to file: Int, at offset: Int) {
        var range = range
        if isDead { range = range.prefix(random.below(range.count + 1)) }
        files[file].write(bytes, range, at: offset)
    }

    /// Writes any part of the bytes, as the write that fails.
    func writePart(_ bytes: [UInt8], _ range: Range<Int>, to file: Int, at offset: Int) {
        files[file].write(bytes, range.prefix(random.below(range.count + 1)), at: offset)
    }

    /// Puts any part of the file on the platter, as the sync that fails.
    func syncPart(_ file: Int) { files[file].syncPart(&random) }

    /// Leaves what is not on the platter in memory alone, as the sync that fails and is not repeated.
    func forget(_ file: Int) { files[file].forget() }

    /// Turns the bit of a file over, on the platter and in memory.
    func turn(_ bit: FlippedBit) {
        guard let file = file(named: bit.file) else { return }
        files[file].turn(bit.mask, at: bit.offset)
    }

    /// The last batch of the log is gone, and all that lies behind it, as pages that were never written.
    /// Returns whether there was one; one in a segment that is closed stays.
    func loseLastBatch() -> Bool {
        for name in names.sorted() where name.hasPrefix("wal-") {
            guard let file = file(named: name) else { continue }
            let proven = ProvenBytes(bytes(of: file))
            if proven.isSealed { continue }
            guard let start = proven.lastBatch else { return false }
            let zeros = [UInt8](repeating: 0, count: bytes(of: file).count - start)
            files[file].write(zeros, zeros.indices, at: start)
            files[file].sync()
            return true
        }
        return false
    }

    /// Draws a bit that is known to have been synced; nil where there is none yet.
    func drawSyncedBit(_ random: inout RandomSource) -> FlippedBit? {
        var name = "identity"
        var segments: [(name: String, proven: ProvenBytes)] = []
        for name in names.sorted() where name.hasPrefix("wal-") {
            guard let file = file(named: name) else { continue }
            let proven = ProvenBytes(bytes(of: file))
            segments.append((name, proven))
            // What follows a segment without a seal is no part of the log yet.
            if !proven.isSealed { break }
        }
        guard let file = file(named: name), !segments.isEmpty else { return nil }
        var end = bytes(of: file).count
        let snapshots = names.filter { $0.hasPrefix("snapshot-") && $0.hasSuffix(".bin") }.sorted()
        if let newest = snapshots.last, random.chance(1, in: 3) {
            name = random.chance(3, in: 4) ? newest : snapshots[0]
            end = self.file(named: name).map { bytes(of: $0).count } ?? 0
        } else if !random.chance(1, in: 12) {
            let isLast = random.chance(1, in: 2)
            let chosen = segments[isLast ? segments.count - 1 : random.below(segments.count)]
            (name, end) = (chosen.name, chosen.proven.end)
        }
        guard end > 0 else { return nil }
        return FlippedBit(
            file: name, offset: random.below(end), mask: 1 << UInt8(random.below(8)))
    }

    /// Counts a change that is about to be made, and says whether the machine dies in the middle.
    func counts() -> Bool {
        guard let left = changesUntilDeath else { return isDead }
        changesUntilDeath = left - 1
        if left == 0 {
            isDead = true
            changesUntilDeath = nil
        }
        return isDead
    }

    /// Whether a change that the machine died of took effect before.
    func tookEffect() -> Bool { random.chance(1, in: 2) }
}
