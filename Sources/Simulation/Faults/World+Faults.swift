import Primitives

/// The faults that strike at times of their own.
extension World {
    func scheduleStrike(_ index: Int) {
        let span = Timespan.zero...(plan.intervals[index].mean * 2)
        let wait =
            switch plan.intervals[index].kind {
            case .stranger: draws.strangers.timespan(in: span)
            case .away: draws.snapshots.timespan(in: span)
            default: draws.faults.timespan(in: span)
            }
        queue.add(.strike(index), at: now + wait)
    }

    /// A fault of the plan strikes, and the next of its kind is drawn.
    func strike(_ index: Int) {
        guard healing == nil else { return }
        let kind = plan.intervals[index].kind
        if apply(kind) { tally.count(kind) }
        scheduleStrike(index)
    }

    /// Returns whether there was anything to strike at.
    private func apply(_ kind: FaultKind) -> Bool {
        switch kind {
        case .partition: cut(partition())
        case .oneWay: cut(oneWay())
        case .bridge: cut(bridge())
        case .drop: drop()
        case .clog: clog()
        case .kill: kill(isPowerLoss: false)
        case .powerLoss: kill(isPowerLoss: true)
        case .pause: pause()
        case .wipe: wipeOne()
        case .flip: flip()
        case .fullDisk: fillDisk()
        case .failedWrite: trouble(\.failsNextWrite)
        case .failedSync: trouble(\.failsNextSync)
        case .stop: askToStop()
        case .transfer: askForTransfer()
        case .stranger: callAsStranger()
        case .forgottenSync: trouble(\.forgetsNextSync)
        case .restore: restoreOne()
        case .hungDisk: hangDisk()
        case .move: moveOne()
        case .away: sendAway()
        }
    }

    private func cut(_ ways: [Way]) -> Bool {
        guard !ways.isEmpty else { return false }
        for way in ways { network.cut(way) }
        let list = ways.map { "n\($0.from + 1)>n\($0.to + 1)" }.joined(separator: " ")
        story.add(.fault("cut \(list)"), at: now)
        queue.add(.mend(ways), at: now + draws.faults.timespan(in: plan.duration))
        return true
    }

    /// The nodes in two groups that don't hear each other.
    private func partition() -> [Way] {
        let sides = nodes.map { _ in draws.faults.chance(1, in: 2) }
        return ways { sides[$0] != sides[$1] }
    }

    /// One node that some others don't hear, or that does not hear them.
    private func oneWay() -> [Way] {
        let node = draws.faults.below(nodes.count)
        let isMute = draws.faults.chance(1, in: 2)
        let others = nodes.map { _ in draws.faults.chance(2, in: 3) }
        return ways { from, to in
            isMute ? from == node && others[to] : to == node && others[from]
        }
    }

    /// Two groups with one node that hears both.
    private func bridge() -> [Way] {
        let bridge = draws.faults.below(nodes.count)
        let sides = nodes.map { _ in draws.faults.chance(1, in: 2) }
        return ways { $0 != bridge && $1 != bridge && sides[$0] != sides[$1] }
    }

    private func ways(where isCut: (Int, Int) -> Bool) -> [Way] {
        var ways: [Way] = []
        for from in nodes.indices {
            for to in nodes.indices where from != to && isCut(from, to) {
                ways.append(Way(from: from, to: to))
            }
        }
        return ways
    }

    private func drop() -> Bool {
        guard !network.standing.isEmpty else { return false }
        let connection = network.standing[draws.faults.below(network.standing.count)]
        for isCalled in [false, true] {
            // Each end learns of it in its own time; what is under way is lost.
            let delay = draws.faults.timespan(in: .zero...(.milliseconds(20)))
            let end = LinkEnd(connection: connection, isCalled: isCalled)
            if end.side.state == .open { queue.add(.arrival(end, .reset), at: now + delay) }
        }
        story.add(.fault("connection \(connection.number) breaks"), at: now)
        return true
    }

    private func clog() -> Bool {
        let from = draws.faults.below(nodes.count)
        let to = draws.faults.below(nodes.count)
        guard from != to else { return false }
        let way = Way(from: from, to: to)
        let slowest = Timespan.milliseconds([5, 50, 500][draws.faults.below(3)])
        network.clog(way, by: draws.faults.timespan(in: .zero...slowest))
        story.add(.fault("n\(from + 1)>n\(to + 1) is clogged"), at: now)
        queue.add(.unclog(way), at: now + draws.faults.timespan(in: plan.duration))
        return true
    }

    private func kill(isPowerLoss: Bool) -> Bool {
        // Now and then everything goes at once.
        if draws.faults.chance(1, in: 12) {
            var hasStruck = false
            for node in nodes { hasStruck = killNow(node, isPowerLoss) || hasStruck }
            return hasStruck
        }
        let node = nodes[draws.faults.below(nodes.count)]
        guard node.process != nil else { return false }
        switch draws.faults.below(9) {
        case 0:
            plan(.sending(draws.faults.below([3, 12][draws.faults.below(2)])), node, isPowerLoss)
        case 8: plan(.beforeAnswers, node, isPowerLoss)
        case 1: plan(.beforeWrite, node, isPowerLoss)
        case 2: plan(.beforeSync, node, isPowerLoss)
        case 3: plan(.afterSync, node, isPowerLoss)
        case 4: node.disk.dieAfter(changes: draws.faults.below(8))
        default: return killNow(node, isPowerLoss)
        }
        return true
    }

    private func plan(_ point: PlannedDeath.Point, _ node: SimulatedNode, _ isPowerLoss: Bool) {
        node.death = PlannedDeath(
            point: point, isPowerLoss: isPowerLoss,
            downTime: draws.faults.timespan(in: plan.duration))
    }

    private func killNow(_ node: SimulatedNode, _ isPowerLoss: Bool) -> Bool {
        guard node.process != nil else { return false }
        die(
            node, isPowerLoss: isPowerLoss, downTime: draws.faults.timespan(in: plan.duration),
            how: "killed")
        return true
    }

    private func pause() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        guard node.state == .up, let process = node.process else { return false }
        let span = draws.faults.timespan(in: plan.duration)
        node.state = .paused
        node.pausedAt = node.clock.reading(at: now)
        process.wasPausedInStop = process.stopAskedAt != nil
        story.add(.paused(node.number, span), at: now)
        queue.add(.resume(node: node.number, life: process.life), at: now + span)
        return true
    }

    private func sendAway() -> Bool {
        let node = nodes[draws.snapshots.below(nodes.count)]
        guard node.process != nil else { return false }
        let downTime = draws.snapshots.timespan(in: .milliseconds(2_000)...(.milliseconds(20_000)))
        die(
            node, isPowerLoss: draws.snapshots.chance(1, in: 2), downTime: downTime,
            how: "away for \(downTime.wholeMilliseconds) ms")
        return true
    }

    private func wipeOne() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        guard node.process != nil, !node.isWiped, !node.isOldCopy, !isAnchor(node) else {
            return false
        }
        guard canLoseDisk else { return false }
        let areAllFounded = invariants.views.allSatisfy {
            $0.hasForgotten || $0.disk.founding.rank == 2
        }
        guard areAllFounded || plan.wipesNewborns else { return false }
        wipe(node)
        return true
    }

    /// Whether a quorum remains if one more disk is lost. Every bit that was turned over counts, also
    /// where it is not known yet what it does.
    var canLoseDisk: Bool {
        let lost = nodes.count { $0.hasLostDisk || $0.flipped != nil }
        return lost + 1 <= (founders.count - 1) / 2
    }

    /// A bit turns over on the disk of a node that is down, or dies first.
    private func flip() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        guard node.state != .ended, !node.isWiped, !node.isOldCopy, node.flipped == nil,
            !isAnchor(node),
            invariants.views.allSatisfy({ $0.hasForgotten || $0.disk.founding.rank == 2 }),
            canLoseDisk || plan.flipsMajorities
        else { return false }
        if node.process != nil {
            die(
                node, isPowerLoss: draws.faults.chance(1, in: 2),
                downTime: draws.faults.timespan(in: plan.duration), how: "its disk decays")
        }
        guard let bit = node.disk.drawSyncedBit(&draws.faults) else { return false }
        if !canLoseDisk { mustHeal = false }
        node.disk.turn(bit)
        node.flipped = bit
        story.add(
            .fault("n\(node.number + 1)'s \(bit.file) has a wrong bit at \(bit.offset)"), at: now)
        return true
    }

    private func fillDisk() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        guard !node.disk.trouble.isFull else { return false }
        node.disk.trouble.isFull = true
        node.disk.trouble.room = 0
        story.add(.fault("n\(node.number + 1)'s disk is full"), at: now)
        queue.add(
            .makeRoom(node: node.number), at: now + draws.faults.timespan(in: plan.duration) * 2)
        return true
    }

    private func trouble(_ kind: WritableKeyPath<DiskTrouble, Bool>) -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        node.disk.trouble[keyPath: kind] = true
        story.add(.fault("n\(node.number + 1)'s disk is about to fail"), at: now)
        return true
    }

    /// The next sync takes far too long.
    private func hangDisk() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        let span = draws.faults.timespan(in: .milliseconds(500)...(.milliseconds(6_000)))
        node.disk.trouble.hangs = span
        story.add(
            .fault("n\(node.number + 1)'s next sync takes \(span.wholeMilliseconds) ms"), at: now)
        return true
    }

    /// A machine is moved to addresses that no config file knows: its node must be found again.
    private func moveOne() -> Bool {
        let node = nodes[draws.faults.below(nodes.count)]
        guard node.process != nil, !isAnchor(node) else { return false }
        die(
            node, isPowerLoss: draws.faults.chance(1, in: 2),
            downTime: draws.faults.timespan(in: plan.duration), how: "its machine is moved")
        move(node)
        return true
    }

    /// Whether this is the one machine that stays where it is, with its disk, so that those that have
    /// moved find each other through it.
    func isAnchor(_ node: SimulatedNode) -> Bool { plan.moves && node.number == 0 }
}
