import Primitives
import Raft
import Replica
import Wire
import WriteAheadLog

/// The loop of a host, as the server's is: take everything that is ready, step, send, write once,
/// sync once.
extension World {
    /// Something is ready for a node.
    func wake(_ node: SimulatedNode) {
        guard node.isListening, let process = node.process else { return }
        guard let wakeUp = plan.wakeUp else { return turn(node) }
        guard !process.isWaking else { return }
        process.isWaking = true
        let delay = lifeRandom.timespan(in: wakeUp)
        queue.add(.wakeUp(node: node.number, life: process.life), at: now + delay)
    }

    func wakeUp(_ number: Int, _ life: Int) {
        guard let process = process(number, life) else { return }
        process.isWaking = false
        turn(nodes[number])
    }

    func timer(_ number: Int, _ life: Int) {
        guard let process = process(number, life), process.timer == now else { return }
        process.timer = .never
        let node = nodes[number]
        guard node.isListening else { return }
        if isDue(node, process) { wake(node) } else { armTimer(node, process) }
    }

    private func isDue(_ node: SimulatedNode, _ process: SimulatedProcess) -> Bool {
        node.clock.reading(at: now) >= process.replica.deadline
    }

    private func armTimer(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let deadline = max(
            node.clock.time(of: process.replica.deadline), now + Timespan(nanoseconds: 1_000))
        guard deadline < process.timer else { return }
        process.timer = deadline
        queue.add(.timer(node: node.number, life: process.life), at: deadline)
    }

    /// One turn of a node's loop.
    func turn(_ node: SimulatedNode) {
        guard node.isListening, let process = node.process, violation == nil else { return }
        effects.removeAll()
        let inbox = process.inbox
        process.inbox = Inbox()
        for end in inbox.ended { step(.linkClosed(end.link), node, process) }
        for item in inbox.items {
            switch item {
            case .opened(let end, let dialed):
                network[end].isAnnounced = true
                step(.linkOpened(end.link, dialed: dialed), node, process)
            case .message(let message, let end):
                step(.received(message, on: end.link), node, process)
            }
        }
        if isDue(node, process) { step(.deadlineReached, node, process) }
        if inbox.isStopRequested { step(.stopRequested, node, process) }
        for (request, id) in inbox.requests { step(.requested(request, id), node, process) }
        step(.turnEnded, node, process)
        carryOut(node, process)
    }

    private func step(
        _ event: consuming Replica.Event, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        process.replica.step(event, at: node.clock.reading(at: now), into: &effects)
        steps += 1
        if steps > World.stepLimit { fail("The run spins: \(steps) steps") }
        observe(node, process)
    }

    /// Shows a node to the invariants.
    func observe(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let role = process.replica.role
        let seen = Observation(
            node: node.number, life: process.life, term: process.replica.term,
            vote: process.replica.vote,
            isLeader: role == .leader, isActive: role != .follower,
            commit: process.replica.commit, applied: process.replica.applied,
            value: process.replica.value)
        let fault = process.replica.withLog { log in invariants.check(seen, log) }
        if let fault { return fail(fault) }
        if seen.isLeader, let first = invariants.views[node.number].changedFrom {
            history.noteProposals(in: invariants.views[node.number].log, from: first)
        }
        if let fault = history.follow(invariants.committed) { fail(fault) }
    }

    /// Does what a node wants done.
    private func carryOut(_ node: SimulatedNode, _ process: SimulatedProcess) {
        for notice in effects.notices { story.add(.notice(node.number, notice), at: now) }
        for (position, outbound) in effects.outbox.enumerated() {
            if case .sending(position)? = node.death?.point {
                return dieAsPlanned(node, how: "after \(position) messages of a turn")
            }
            send(outbound.message, on: LinkEnd(outbound.link), from: node)
        }
        for link in effects.closes { close(LinkEnd(link)) }
        if case .beforeAnswers? = node.death?.point, !effects.answers.isEmpty {
            return dieAsPlanned(node, how: "before it answers")
        }
        for (request, answer) in effects.answers {
            answered(Int(request.number), answer, by: node)
        }
        if let reason = effects.end { return end(node, reason) }
        if let write = effects.write { return begin(write, node, process) }
        if process.isStopOverdue { return close(node, process) }
        if canEnd(process) { return endAsAsked(node, process) }
        rest(node, process)
    }

    /// Nothing is left to do: the log is marked where the loop falls idle.
    private func rest(_ node: SimulatedNode, _ process: SimulatedProcess) {
        if process.inbox.isEmpty, !isDue(node, process) {
            do throws(LogFault) {
                try process.log.writeMark(commit: process.replica.commit)
            } catch {
                return diskFailed(node, error)
            }
        }
        armTimer(node, process)
    }

    private func begin(
        _ write: Replica.Effects.DiskWrite, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        if case .beforeWrite? = node.death?.point {
            return dieAsPlanned(node, how: "before it writes")
        }
        story.add(
            .wrote(
                node.number, write.log?.hardState,
                write.log?.entries ?? LogIndex.zero..<LogIndex.zero,
                founding: write.founding), at: now)
        mix(write, node)
        if let founding = write.founding { process.log.append(founding: founding) }
        for seen in write.peerStarts { process.log.append(peerStart: seen) }
        if let log = write.log {
            process.replica.withLog { entries in process.log.append(log, from: entries) }
        }
        invariants.writeBegan(node.number, entries: write.log?.entries)
        do throws(LogFault) {
            try process.log.flush()
        } catch {
            return diskFailed(node, error)
        }
        if case .beforeSync? = node.death?.point {
            return dieAsPlanned(node, how: "between write and sync")
        }
        process.syncing = write
        queue.add(.synced(node: node.number, life: process.life), at: now + syncTime())
    }

    private func mix(_ write: Replica.Effects.DiskWrite, _ node: SimulatedNode) {
        hash.mix(UInt64(node.number) << 32 | write.id.number)
        hash.mix(now.nanoseconds)
        if let founding = write.founding { hash.mix(founding) }
        for seen in write.peerStarts {
            hash.mix(seen.start.number)
            hash.mix(seen.start.nonce)
        }
        if let log = write.log {
            hash.mix(log.hardState?.term.number ?? 0)
            hash.mix(log.entries.lowerBound.number)
            hash.mix(log.entries.upperBound.number)
        }
    }

    private func syncTime() -> Timespan {
        let disk = healing == nil ? plan.disk : .calm
        var time = lifeRandom.timespan(in: disk.sync)
        if disk.slow > 0, lifeRandom.chance(disk.slow, in: 1_000) {
            tally.slowSyncs += 1
            time = lifeRandom.timespan(in: time...max(time, disk.slowness))
        }
        return time
    }

    func synced(_ number: Int, _ life: Int) {
        guard let process = process(number, life), process.isSyncing else { return }
        if nodes[number].state == .paused {
            process.isSyncOver = true
        } else {
            finishSync(nodes[number], process)
        }
    }

    func finishSync(_ node: SimulatedNode, _ process: SimulatedProcess) {
        guard let write = process.syncing, violation == nil else { return }
        do throws(LogFault) {
            try process.log.sync()
        } catch {
            return diskFailed(node, error)
        }
        if let fault = invariants.writeSynced(
            node.number, on: process.log.identity.disk, write.log, write.founding,
            write.peerStarts)
        {
            return fail(fault)
        }
        if case .afterSync? = node.death?.point {
            return dieAsPlanned(node, how: "right after its sync")
        }
        process.syncing = nil
        story.add(.synced(node.number), at: now)
        effects.removeAll()
        step(.persisted(write.id), node, process)
        step(.turnEnded, node, process)
        carryOut(node, process)
        if node.isListening, !process.inbox.isEmpty || isDue(node, process) {
            turn(node)
        }
    }
}
