import Node
import Primitives
import Raft
import WriteAheadLog

/// A request that a process's disk is carrying out.
enum PendingDiskRequest {
    /// Written, and being synced.
    case write(WriteID, LogBatch, BatchReading)
    case mark(LogIndex)
    /// Not written for want of space.
    case refused(WriteID, LogBatch)
    case drop(LogIndex)
    case reclaim
    case giveBack
    case close(LogIndex)
}

/// The log's requests: begun where the node asks, done some time later; everything else goes on.
extension World {
    /// How long a mark takes, which is not synced.
    private static let marking = Timespan.microseconds(2)...Timespan.milliseconds(2)

    func begin(
        _ request: consuming Node.DiskRequest, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        precondition(
            process.pendingRequest == nil && process.markDone == nil,
            "a second request for a busy disk")
        switch consume request {
        case .write(let id, let batch): beginWrite(id, batch, node, process)
        case .mark(let commit):
            do throws(LogFault) {
                try process.log.writeMark(commit: commit)
            } catch {
                return diskFailed(node, error)
            }
            finishMark(commit, node, process)
        case .drop(let index):
            do throws(LogFault) {
                try process.log.dropSegments(through: index)
            } catch {
                return diskFailed(node, error)
            }
            tally.drops += 1
            readWhatIsLeft(node)
            finish(.drop(index), after: draws.snapshots.timespan(in: World.marking), node, process)
        case .giveBack:
            do throws(LogFault) {
                try process.log.giveReserveBack()
            } catch {
                return diskFailed(node, error)
            }
            finish(.giveBack, after: draws.lives.timespan(in: World.marking), node, process)
        case .reclaim:
            do throws(LogFault) {
                try process.log.reclaim()
            } catch {
                return diskFailed(node, error)
            }
            finish(.reclaim, after: draws.lives.timespan(in: World.marking), node, process)
        case .close(let commit): finish(.close(commit), after: syncTime(node), node, process)
        }
    }

    /// Now and then a mark takes a while; mostly the node finds it done in its next turn.
    private func finishMark(
        _ commit: LogIndex, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        if draws.lives.chance(1, in: 8) {
            finish(.mark(commit), after: draws.lives.timespan(in: World.marking), node, process)
        } else {
            process.markDone = commit
        }
    }

    private func beginWrite(
        _ id: WriteID, _ batch: LogBatch, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        if case .beforeWrite? = node.death?.point {
            return dieAsPlanned(node, how: "before it writes")
        }
        let reading = BatchReading(batch.bytes)
        if let fault = reading.fault { return fail("n\(node.number + 1) writes \(fault)") }
        story.add(.wrote(node.number, reading), at: now)
        mix(id, batch, node)
        invariants.writeBegan(node.number, reading)
        var batch = batch
        do throws(LogFault) {
            try process.log.flush(&batch)
        } catch {
            guard case .noSpace = error else { return diskFailed(node, error) }
            return finish(.refused(id, batch), after: syncTime(node), node, process)
        }
        if case .beforeSync? = node.death?.point {
            return dieAsPlanned(node, how: "between write and sync")
        }
        finish(.write(id, batch, reading), after: syncTime(node), node, process)
    }

    private func finish(
        _ request: PendingDiskRequest, after span: Timespan, _ node: SimulatedNode,
        _ process: SimulatedProcess
    ) {
        process.pendingRequest = request
        process.pendingSince = node.clock.reading(at: now)
        queue.add(.diskDone(node: node.number, life: process.life), at: now + span)
    }

    private func mix(_ id: WriteID, _ batch: borrowing LogBatch, _ node: SimulatedNode) {
        hash.mix(UInt64(node.number) << 32 | id.number)
        hash.mix(now.nanoseconds)
        hash.mix(batch.bytes)
    }

    private func syncTime(_ node: SimulatedNode) -> Timespan {
        let disk = healing == nil ? plan.disk : .calm
        var time = draws.lives.timespan(in: disk.sync)
        if disk.slow > 0, draws.lives.chance(disk.slow, in: 1_000) {
            tally.slowSyncs += 1
            time = draws.lives.timespan(in: time...max(time, disk.slowness))
        }
        if let hang = node.disk.trouble.hangs.take() { time = hang }
        return time
    }

    /// Segments were dropped: a second process reads a copy of what is left.
    private func readWhatIsLeft(_ node: SimulatedNode) {
        let copy = DiskState(copyOf: node.disk)
        do throws(LogFault) {
            let opened = try WriteAheadLog.open(
                SimulatedDisk(state: copy), cluster: World.cluster, node: node.id,
                newDisk: copy.number, limits: limits)
            if let fault = BaseAgrees.check(
                opened.recovered.log.base, node: node.number, committed: invariants.committed)
            {
                return fail(fault)
            }
            let left = DurableView(opened.recovered, invariants.committed)
            if let fault = invariants.segmentsDropped(
                node.number, opened.recovered.starts.count, left)
            {
                fail(fault)
            }
        } catch {
            fail("Promises Survive Compaction: n\(node.number + 1) could not start again: \(error)")
        }
    }

    /// The disk has done what a process asked for.
    func diskDone(_ number: Int, _ life: Int) {
        guard let process = process(number, life), let request = process.pendingRequest.take(),
            violation == nil
        else { return }
        let node = nodes[number]
        do throws(LogFault) {
            let completion: Node.DiskCompletion
            switch request {
            case .write(let id, let batch, let reading):
                try process.log.sync()
                guard noteSynced(reading, node, process) else { return }
                completion = .written(id, batch)
            case .refused(let id, let batch): completion = .refused(id, batch)
            case .mark(let commit): completion = .marked(commit: commit)
            case .drop(let index): completion = .dropped(through: index, isDone: true)
            case .reclaim: completion = .reclaimed
            case .giveBack: completion = .gaveBack
            case .close(let commit):
                try process.log.close(commit: commit)
                completion = .closed
            }
            process.node.note(.diskDone(completion, isFull: process.log.isFull))
        } catch {
            return diskFailed(node, error)
        }
        wake(node)
    }

    /// Returns whether the process goes on.
    private func noteSynced(
        _ reading: BatchReading, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> Bool {
        if let fault = invariants.writeSynced(
            node.number, on: process.log.identity.disk, reading)
        {
            fail(fault)
            return false
        }
        if case .afterSync? = node.death?.point {
            dieAsPlanned(node, how: "right after its sync")
            return false
        }
        story.add(.synced(node.number), at: now)
        return true
    }
}
