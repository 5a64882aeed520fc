import Calculator
import Founding
import Node
import Primitives
import Raft
import Replica
import WriteAheadLog

/// Snapshots: taken of an engine, or sent by the leader, and saved beside the log, one change to the disk
/// after the other.
extension World {
    /// Does what the node wants done about snapshots.
    func keepSnapshots(_ node: SimulatedNode, _ process: SimulatedProcess) {
        guard effects.wantsSnapshot || effects.install != nil, violation == nil else { return }
        guard let record = process.node.founding.record else {
            return fail("n\(node.number + 1) wants a snapshot before it is founded")
        }
        if let sent = effects.install.take() {
            install(sent, of: record, node, process)
        } else {
            save(of: record, node, process)
        }
    }

    /// Tells the node what its state has come to, and copies the engine where that is wanted.
    func followState(_ process: SimulatedProcess) {
        if effects.copiesEngine { process.copy = process.engine }
        if effects.notesState { process.engine.noteState() }
        for hash in process.engine.takeCheckpoints() { process.node.note(.stateHash(hash)) }
    }

    private func save(
        of record: FoundingRecord, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        guard let engine = process.copy.take() else {
            return fail("n\(node.number + 1) wants a snapshot of no copy")
        }
        let file = SnapshotFile(
            record: record, last: engine.applied, level: engine.level, state: engine.encodeState())
        save(
            Snapshot(last: file.last, level: file.level, bytes: file.encoded), installing: nil,
            node, process)
    }

    /// Looks into what the leader has sent, as the server does.
    private func install(
        _ sent: Snapshot, of record: FoundingRecord, _ node: SimulatedNode,
        _ process: SimulatedProcess
    ) {
        do throws(SnapshotFault) {
            let file = try SnapshotFile.decode(sent.bytes)
            guard file.record == record, file.last == sent.last,
                let engine = Engine<Calculator>(
                    state: file.state, keys: keys.capacity, checkpoint: logs.checkpoint),
                engine.applied == file.last
            else { throw .damaged }
            var snapshot = sent
            snapshot.level = file.level
            save(snapshot, installing: engine, node, process)
        } catch {
            fail("n\(node.number + 1) is sent a snapshot that is none: \(error)")
        }
    }

    private func save(
        _ snapshot: Snapshot, installing engine: Engine<Calculator>?, _ node: SimulatedNode,
        _ process: SimulatedProcess
    ) {
        precondition(process.saving == nil, "two snapshots at once")
        story.add(
            .snapshot(node.number, snapshot.last, isSent: engine != nil, snapshot.bytes.count),
            at: now)
        hash.mix(UInt64(node.number))
        hash.mix(snapshot.bytes)
        if let fault = invariants.checkSnapshot(snapshot, node: node.number) { return fail(fault) }
        process.saving = SavedSnapshot(snapshot, installing: engine, on: node.disk)
        scheduleStep(node, process)
    }

    private func scheduleStep(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let span = draws.snapshots.timespan(in: healing == nil ? logs.step : LogPlan.calm.step)
        queue.add(.snapshotStep(node: node.number, life: process.life), at: now + span)
    }

    func snapshotStep(_ number: Int, _ life: Int) {
        guard let process = process(number, life), violation == nil,
            var saving = process.saving.take()
        else { return }
        let node = nodes[number]
        let progress = saving.step()
        invariants.noteSnapshot(
            saving.snapshot.last, node: number, isDurable: saving.isDurable)
        switch progress {
        case .goesOn:
            process.saving = saving
            scheduleStep(node, process)
        case .done: saved(saving, node, process)
        case .failed(let error): notSaved(saving, error, node, process)
        }
    }

    private func saved(
        _ saving: SavedSnapshot, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        if let engine = saving.installed {
            tally.installedSnapshots += 1
            process.arrived = engine
            process.node.note(.snapshotInstalled(saving.snapshot))
        } else {
            tally.ownSnapshots += 1
            process.node.note(.snapshotSaved(saving.snapshot))
        }
        wake(node)
    }

    private func notSaved(
        _ saving: SavedSnapshot, _ error: DiskError, _ node: SimulatedNode,
        _ process: SimulatedProcess
    ) {
        guard error.kind == .noSpace, !node.disk.isDead else {
            return diskFailed(node, .disk(error))
        }
        tally.snapshotsWithoutRoom += 1
        process.node.note(
            .snapshotOutOfSpace(installing: saving.installed == nil ? nil : saving.snapshot.last))
        wake(node)
    }
}
