import WriteAheadLog

/// A disk on which a procedure is carried out one change at a time, so that anything may come between.
///
/// The procedure is run from its beginning for each change: those of earlier runs are passed over, the
/// next one is made, and what would follow it is put off. Where a change fails the procedure does at once
/// what it does about that.
struct SteppedDisk: Disk {
    private let disk: SimulatedDisk
    /// How many changes earlier runs have made, and how many of these this run has passed over.
    private var earlier = 0
    private var passed = 0
    private var file: DiskFile?
    private var names: [String]?
    /// The change that this run has made; nil where the procedure came to its end without.
    private(set) var made: DiskError.Operation?
    /// Why it could not be made.
    private(set) var failure: DiskError?

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// Goes on with the next change.
    mutating func beginRun() {
        if made != nil { earlier += 1 }
        made = nil
        passed = 0
    }

    mutating func list() throws(DiskError) -> [String] {
        if let names { return names }
        let names = try disk.list()
        self.names = names
        return names
    }

    func read(_ name: String) throws(DiskError) -> [UInt8] { try disk.read(name) }

    mutating func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile {
        if try isDue(.open) {
            do throws(DiskError) { file = try disk.open(name, opening) } catch { throw fail(error) }
        }
        guard let file else { preconditionFailure("no file was opened") }
        return file
    }

    func close(_ file: DiskFile) {}

    mutating func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        guard try isDue(.write) else { return }
        do throws(DiskError) {
            try disk.write(bytes, range, to: file, at: offset)
        } catch {
            throw fail(error)
        }
    }

    mutating func sync(_ file: DiskFile) throws(DiskError) {
        guard try isDue(.sync) else { return }
        do throws(DiskError) { try disk.sync(file) } catch { throw fail(error) }
    }

    mutating func syncDirectory() throws(DiskError) {
        guard try isDue(.syncDirectory) else { return }
        do throws(DiskError) { try disk.syncDirectory() } catch { throw fail(error) }
    }

    mutating func rename(_ name: String, to newName: String) throws(DiskError) {
        guard try isDue(.rename) else { return }
        do throws(DiskError) { try disk.rename(name, to: newName) } catch { throw fail(error) }
    }

    mutating func remove(_ name: String) throws(DiskError) {
        guard try isDue(.remove) else { return }
        do throws(DiskError) { try disk.remove(name) } catch { throw fail(error) }
    }

    /// Whether a change is to be made now. Throws where it comes after the one of this run.
    private mutating func isDue(_ change: DiskError.Operation) throws(DiskError) -> Bool {
        if failure != nil { return true }
        if passed < earlier {
            passed += 1
            return false
        }
        guard made == nil else { throw DiskError(change, "later", .io) }
        made = change
        return true
    }

    private mutating func fail(_ error: DiskError) -> DiskError {
        if failure == nil { failure = error }
        return error
    }
}
