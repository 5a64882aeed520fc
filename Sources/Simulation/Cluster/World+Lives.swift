import Founding
import Gossip
import Calculator
import Node
import Primitives
import Raft
import Replica
import WriteAheadLog

/// How processes start and end.
extension World {
    /// Starts a process on a machine that has none.
    func start(_ node: SimulatedNode) {
        guard node.state == .down, healing?.keepsAway(node.number) != true else { return }
        node.disk.revive()
        node.isPoweredOff = false
        node.disk.trouble.hasStruck = false
        if node.death == nil, healing == nil, !isScripted, draws.faults.chance(1, in: 20) {
            node.disk.dieAfter(changes: draws.faults.below(20))
        }
        node.life += 1
        do throws(LogFault) {
            var opened = try WriteAheadLog.open(
                SimulatedDisk(state: node.disk), cluster: World.cluster, node: node.id,
                newDisk: node.disk.number, limits: limits)
            // It is harmless where it is, or was cut off.
            node.flipped = nil
            let start = opened.recovered.starts.next(nonce: draws.lives.next())
            try opened.log.begin(start)
            try opened.log.reclaim()
            run(node, opened, start)
        } catch {
            if node.flipped != nil, error.exitCode == 65 {
                refuse(node, error)
            } else if node.disk.trouble.hasStruck, error.exitCode == 74 {
                endByDisk(node, error)
            } else if node.disk.isDead {
                tally.diedInWrite += 1
                story.add(.died(node.number, how: "while its log is opened"), at: now)
                lose(node, isPowerLoss: draws.faults.chance(1, in: 2))
                queue.add(.start(node: node.number), at: now + .milliseconds(20))
            } else {
                fail("n\(node.number + 1) can't open its log: \(error)")
            }
        }
    }

    private func run(
        _ node: SimulatedNode, _ opened: consuming OpenedLog<SimulatedDisk>, _ start: Start
    ) {
        let log = opened.log
        let isDiskFull = log.isFull
        let recovered = opened.recovered
        let (hardState, founding) = (recovered.hardState, recovered.founding)
        if let fault = BaseAgrees.check(
            recovered.log.base, node: node.number, committed: invariants.committed)
        {
            return fail(fault)
        }
        let disk = DurableView(recovered, invariants.committed)
        if let fault = invariants.nodeStarted(
            node.number, on: log.identity.disk, start.number, disk)
        {
            return fail(fault)
        }
        let book =
            node.addressBook.flatMap {
                AddressBook($0, cluster: World.cluster, node: node.id)
            } ?? AddressBook()
        let own = advertised(node.number, moves: node.moves)
        let commit = recovered.commit
        let snapshot = recovered.snapshot.map { file in
            Snapshot(last: file.last, level: file.level, bytes: file.encoded)
        }
        let seed = UInt64(node.life) << 8 | UInt64(node.number)
        guard let engine = engine(recovered.snapshot, seed: seed) else {
            return fail("n\(node.number + 1) can't read the state in its snapshot")
        }
        node.hasOldProgram = startsOldProgram(node)
        invariants.newestLevel = newestLevel
        let replica = Replica(
            identity: Replica.Identity(
                cluster: World.cluster, node: node.id, disk: log.identity.disk, nonce: start.nonce,
                earlierStarts: recovered.starts, founders: founders,
                http: own.http?.bytes ?? [], raft: own.raft?.bytes ?? [],
                levels: node.hasOldProgram ? nil : .initial ... .current),
            timing: options.timing, requestTimeout: World.requestTimeout, hardState: hardState,
            log: recovered.log, commit: commit, founding: founding,
            peerStarts: recovered.peerStarts, snapshot: snapshot, snapshotLimits: logs.limits,
            isCommand: Calculator.isCommand,
            at: node.clock.reading(at: now))
        let process = SimulatedProcess(
            life: node.life,
            node: Node(
                replica: replica, gossip: gossip(node, own, book, founding, start),
                peers: PeerAddresses(configured(for: node), book: book), timing: options.timing,
                snapshotEntries: logs.entries, isDiskFull: isDiskFull,
                at: node.clock.reading(at: now)),
            log: log, engine: engine)
        process.node.gossipSockets.canSend = true
        node.process = process
        node.state = .up
        story.add(.started(node.number, life: node.life, wiped: node.isWiped), at: now)
        observe(node, process)
        turn(node)
    }

    /// The state of the newest snapshot, or the one before the first entry; nil where it can't be read.
    /// Each life of each node has another seed.
    private func engine(_ snapshot: SnapshotFile?, seed: UInt64) -> Engine<Calculator>? {
        guard let snapshot else {
            return Engine(keys: keys.capacity, checkpoint: logs.checkpoint, seed: seed)
        }
        return Engine(
            state: snapshot.state, keys: keys.capacity, checkpoint: logs.checkpoint, seed: seed)
    }

    /// What a node's config file says of the others: where they were at first.
    private func configured(
        for node: SimulatedNode
    ) -> [(node: NodeID, addresses: NodeAddresses)] {
        founders.enumerated().filter { $0.element != node.id }.map { place, id in
            (node: id, addresses: advertised(place, moves: 0))
        }
    }

    /// The gossip of a process, which knows those of the config file and of the book.
    private func gossip(
        _ node: SimulatedNode, _ own: NodeAddresses, _ book: AddressBook,
        _ founding: FoundingState, _ start: Start
    ) -> Gossip {
        let seeds =
            book.entries.compactMap(\.addresses.gossip)
            + configured(for: node).compactMap(\.addresses.gossip)
        guard let http = own.http, let raft = own.raft, let gossip = own.gossip,
            let metadata = Metadata(
                http: http, raft: raft, gossip: gossip, role: .voter, version: [])
        else { preconditionFailure("a node without addresses") }
        return Gossip(
            cluster: World.cluster, id: node.id, metadata: metadata, seeds: seeds,
            profile: plan.gossip, incarnation: book.incarnation,
            digest: founding.record.map { FoundingDigest($0.digest) },
            seed: start.nonce ^ 0x6055_1B0F_7A11_0F0D, at: node.clock.reading(at: now))
    }

    /// A process ends without having been asked: killed, or with its machine's power.
    func die(
        _ node: SimulatedNode, isPowerLoss: Bool, downTime: Timespan, how: String
    ) {
        story.add(.died(node.number, how: how + (isPowerLoss ? ", power lost" : "")), at: now)
        lose(node, isPowerLoss: isPowerLoss)
        node.isPoweredOff = isPowerLoss
        queue.add(.start(node: node.number), at: now + downTime)
    }

    /// The death that was planned comes.
    func dieAsPlanned(_ node: SimulatedNode, how: String) {
        guard let death = node.death else { preconditionFailure("nothing was planned") }
        die(node, isPowerLoss: death.isPowerLoss, downTime: death.downTime, how: how)
    }

    /// A process has ended as it was asked to, and is started again some time later.
    func leave(_ node: SimulatedNode, after downTime: Timespan) {
        story.add(.ended(node.number, "exit 0"), at: now)
        lose(node, isPowerLoss: false)
        queue.add(
            .start(node: node.number),
            at: now + (healing == nil ? downTime : .zero) + .milliseconds(1))
    }

    /// The disk failed under a process, which happens only where the machine is to die of it.
    func diskFailed(_ node: SimulatedNode, _ error: LogFault) {
        if node.disk.trouble.hasStruck, error.exitCode == 74 { return endByDisk(node, error) }
        guard node.disk.isDead else { return fail("n\(node.number + 1): \(error)") }
        tally.diedInWrite += 1
        die(
            node, isPowerLoss: draws.faults.chance(1, in: 2),
            downTime: draws.faults.timespan(in: plan.duration), how: "while it writes")
    }

    /// A process ends with exit code 74, as the server does, and is started again some time later.
    private func endByDisk(_ node: SimulatedNode, _ error: LogFault) {
        story.add(.ended(node.number, "exit 74, \(error)"), at: now)
        lose(node, isPowerLoss: false)
        let downTime = healing == nil ? draws.faults.timespan(in: plan.duration) : .zero
        queue.add(.start(node: node.number), at: now + downTime + .milliseconds(1))
    }

    /// A log is damaged, and its node stays away with exit code 65.
    private func refuse(_ node: SimulatedNode, _ error: LogFault) {
        story.add(.ended(node.number, "exit 65, \(error)"), at: now)
        tally.refusedLogs += 1
        node.isDamaged = true
        node.state = .ended
        if draws.faults.chance(1, in: 2) {
            queue.add(
                .repair(node: node.number), at: now + draws.faults.timespan(in: plan.duration) * 2)
        }
    }

    /// The disk's bytes are put back as they were, and the node is started again.
    func repair(_ node: SimulatedNode) {
        guard node.isDamaged, let bit = node.flipped, healing == nil else { return }
        node.disk.turn(bit)
        node.flipped = nil
        node.isDamaged = false
        node.state = .down
        story.add(.fault("n\(node.number + 1)'s disk is mended"), at: now)
        start(node)
    }

    /// A process ends by itself, as one that must not take part.
    func end(_ node: SimulatedNode, _ reason: Replica.EndReason) {
        story.add(.ended(node.number, reason.text), at: now)
        if !node.isWiped, !node.isOldCopy, !node.isCopy, !node.isMiscounting, mustHeal {
            fail("n\(node.number + 1) ends, though nothing was done to it: \(reason.text)")
        }
        lose(node, isPowerLoss: false)
        node.state = .ended
    }

    /// What a process that is gone leaves behind.
    private func lose(_ node: SimulatedNode, isPowerLoss: Bool) {
        loseConnections(of: node, isSilent: isPowerLoss)
        node.process = nil
        node.isMiscounting = false
        node.state = .down
        node.death = nil
        if isPowerLoss { node.disk.losePower() }
        invariants.nodeStopped(node.number)
        loseRequests(of: node)
    }

    /// A machine loses its disk and gets an empty one.
    func wipe(_ node: SimulatedNode) {
        let hadPledged = invariants.views[node.number].disk.founding != .newborn
        let areAllFounded = invariants.views.allSatisfy { view in
            view.hasForgotten || view.disk.founding.rank == 2
        }
        die(
            node, isPowerLoss: true, downTime: draws.faults.timespan(in: plan.duration),
            how: "its disk is lost")
        node.disk = DiskState(number: DiskID(draws.lives.next()), seed: draws.lives.next())
        node.copy = nil
        node.addressBook = nil
        if !areAllFounded { mustHeal = false }
        if hadPledged {
            node.isWiped = true
            invariants.nodeWiped(node.number)
        } else {
            invariants.nodeRenewed(node.number)
        }
    }

    /// A stopped process is woken: all that came meanwhile is there at once.
    func resume(_ number: Int, _ life: Int) {
        let node = nodes[number]
        guard node.state == .paused, process(number, life) != nil else { return }
        node.state = .up
        if plan.clocksJump { jump(node) }
        story.add(.woke(number), at: now)
        turn(node)
    }

    /// A clock has stood still while its process was stopped, or leaps ahead.
    private func jump(_ node: SimulatedNode) {
        var reading = node.pausedAt
        if draws.faults.chance(1, in: 2) {
            let leap = draws.faults.timespan(in: .zero...(.milliseconds(3_000)))
            reading = node.clock.reading(at: now) + leap
        }
        node.clock.set(to: reading, at: now)
    }
}
