import WriteAheadLog

/// A disk as a process holds it: the production log runs on it as on a real one.
struct SimulatedDisk: Disk {
    let state: DiskState

    func list() throws(DiskError) -> [String] { state.names }

    func read(_ name: String) throws(DiskError) -> [UInt8] {
        state.bytes(of: try file(name, .read))
    }

    func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile {
        switch opening {
        case .existing:
            return DiskFile(Int32(try file(name, .open)))
        case .created:
            let wasDead = state.isDead
            let isDying = state.counts()
            if wasDead || (isDying && !state.tookEffect()) { throw DiskError(.open, name, .io) }
            giveBack(name)
            if state.trouble.isFull, state.trouble.room <= 0 {
                state.trouble.hasStruck = true
                throw DiskError(.open, name, .noSpace)
            }
            let file = state.make(name)
            if isDying { throw DiskError(.open, name, .io) }
            return DiskFile(Int32(file))
        }
    }

    func close(_ file: DiskFile) {}

    func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        let wasDead = state.isDead
        let isDying = state.counts()
        if !isDying { try refuseInTrouble(bytes, range, to: file, at: offset) }
        if !wasDead { state.write(bytes, range, to: Int(file.number), at: offset) }
        if isDying { throw DiskError(.write, "a file", .io) }
    }

    private func refuseInTrouble(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        let number = Int(file.number)
        let growth = max(0, offset + range.count - state.bytes(of: number).count)
        let kind: DiskError.Kind
        if state.trouble.failsNextWrite {
            state.trouble.failsNextWrite = false
            kind = .io
        } else if state.trouble.isFull, growth > state.trouble.room, growth > 0 {
            kind = .noSpace
        } else {
            if state.trouble.isFull { state.trouble.room -= growth }
            return
        }
        state.trouble.hasStruck = true
        var fitting = range
        let before = state.bytes(of: number).count
        if kind == .noSpace {
            fitting = range.prefix(range.count - growth + max(0, state.trouble.room))
        }
        state.writePart(bytes, fitting, to: number, at: offset)
        if state.trouble.isFull { state.trouble.room -= state.bytes(of: number).count - before }
        throw DiskError(.write, "a file", kind)
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        if state.trouble.failsNextSync, !state.isDead {
            state.trouble.failsNextSync = false
            state.trouble.hasStruck = true
            state.syncPart(Int(file.number))
            throw DiskError(.sync, "a file", .io)
        }
        if state.trouble.forgetsNextSync, !state.isDead {
            state.trouble.forgetsNextSync = false
            state.trouble.hasStruck = true
            state.forget(Int(file.number))
            throw DiskError(.sync, "a file", .io)
        }
        try change(.sync, "a file") { state.sync(Int(file.number)) }
    }

    func syncDirectory() throws(DiskError) {
        try change(.syncDirectory, ".") { state.syncDirectory() }
    }

    func rename(_ name: String, to newName: String) throws(DiskError) {
        _ = try file(name, .rename)
        try change(.rename, name) { state.rename(name, to: newName) }
    }

    func remove(_ name: String) throws(DiskError) {
        _ = try file(name, .remove)
        giveBack(name)
        try change(.remove, name) { state.remove(name) }
    }

    /// The bytes of a file that goes, or is emptied, can be had again.
    private func giveBack(_ name: String) {
        guard state.trouble.isFull, let file = state.file(named: name) else { return }
        state.trouble.room += state.bytes(of: file).count
    }

    private func file(_ name: String, _ operation: DiskError.Operation) throws(DiskError) -> Int {
        guard let file = state.file(named: name) else {
            throw DiskError(operation, name, .missing)
        }
        return file
    }

    /// Makes a change, unless the machine died before it or dies of it.
    private func change(
        _ operation: DiskError.Operation, _ name: String, _ body: () -> Void
    ) throws(DiskError) {
        let wasDead = state.isDead
        guard state.counts() else { return body() }
        if !wasDead, state.tookEffect() { body() }
        throw DiskError(operation, name, .io)
    }
}
