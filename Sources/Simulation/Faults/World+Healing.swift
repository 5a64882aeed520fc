import Primitives
import Raft
import Replica

/// The time after the last fault: a read, which must need no write to be answered (Raft §8), then
/// one more write, then a read at every node.
struct Healing {
    /// The number under which the healing's own requests are asked.
    static let client = -1

    let began: Instant
    /// Which nodes must be well; the others are dead or cut off until these are.
    let members: [Bool]
    /// Whether the others are still to come.
    var isPartial: Bool { members.contains(false) }
    /// The first read under way, and whether it has been answered.
    var opening: Int?
    var isOpened = false
    /// The write under way, then the index at which it stands.
    var write: Int?
    var written: LogIndex?
    /// The read under way at each node, and whether it has been answered.
    var reads: [Int?]
    var hasRead: [Bool]
    /// Whether all is well.
    var isOver = false

    init(began: Instant, members: [Bool]) {
        self.began = began
        self.members = members
        reads = Array(repeating: nil, count: members.count)
        hasRead = Array(repeating: false, count: members.count)
    }

    /// Whether a node is not to be started yet.
    func keepsAway(_ node: Int) -> Bool { !members[node] }

    mutating func answered(_ number: Int, _ answer: ClientAnswer) {
        if opening == number {
            opening = nil
            if case .value = answer { isOpened = true }
        } else if write == number {
            write = nil
            if case .value(let receipt) = answer { written = receipt.entry.index }
        } else if let node = reads.firstIndex(of: number) {
            reads[node] = nil
            if case .value = answer { hasRead[node] = true }
        }
    }

    mutating func lost(_ number: Int) {
        if opening == number { opening = nil }
        if write == number { write = nil }
        if let node = reads.firstIndex(of: number) { reads[node] = nil }
    }
}

/// Liveness: after the faults have stopped, the cluster elects, commits and agrees.
extension World {
    private static let probing = Timespan.milliseconds(20)

    /// All faults stop. A majority that is drawn must get on by itself first, where one can; then
    /// everything that can come back does.
    func calmDown() {
        healing = Healing(began: now, members: drawMajority())
        story.add(.fault("all faults stop"), at: now)
        plan.wakeUp = nil
        plan.clocksJump = false
        for node in nodes {
            node.resolvedMoves = node.moves
            node.death = nil
            node.disk.trouble = DiskTrouble()
            if node.process != nil { node.disk.revive() }
        }
        network.calmDown()
        if healing?.isPartial == true { leaveOut() }
        bringBack()
        queue.add(.probe, at: now + World.probing)
    }

    /// Who must be well first: a majority without those whose disks are lost, or everybody where
    /// there is none that could do without the others.
    private func drawMajority() -> [Bool] {
        let all = nodes.map { _ in true }
        let size = founders.count / 2 + 1
        var able = nodes.indices.filter { nodes[$0].isWhole }
        guard options.faults, mustHeal, able.count >= size else { return all }
        while able.count > size {
            let place = draws.faults.below(able.count)
            if !isAnchor(nodes[able[place]]) { able.remove(at: place) }
        }
        let isFounded = able.contains { invariants.views[$0].disk.founding.rank == 2 }
        return isFounded ? nodes.indices.map { able.contains($0) } : all
    }

    /// Those who are not healed yet are dead, or cut off from everybody.
    private func leaveOut() {
        for node in nodes where healing?.keepsAway(node.number) == true {
            story.add(.fault("n\(node.number + 1) is left out"), at: now)
            if node.process != nil, draws.faults.chance(1, in: 2) {
                die(node, isPowerLoss: false, downTime: .zero, how: "left out")
            }
            for other in nodes where other.number != node.number {
                network.cut(Way(from: node.number, to: other.number))
                network.cut(Way(from: other.number, to: node.number))
            }
        }
    }

    /// The majority is well: now the others come back, too.
    private func healTheRest() {
        story.add(.fault("the others come back"), at: now)
        healing = Healing(began: now, members: nodes.map { _ in true })
        network.calmDown()
        bringBack()
    }

    private func bringBack() {
        releaseStuck()
        for node in nodes where healing?.keepsAway(node.number) == false {
            switch node.state {
            case .down: start(node)
            case .paused: resume(node.number, node.life)
            case .up, .ended: break
            }
        }
    }

    /// Looks how far it is, and asks what is still to be asked.
    func probe() {
        guard var healing else { return }
        if !mustHeal {
            self.healing?.isOver = now.since(healing.began) > .milliseconds(5_000)
        } else if isWell(healing) {
            if healing.isPartial { healTheRest() } else { self.healing?.isOver = true }
        } else if now.since(healing.began) > World.healingBound {
            return fail("Liveness: \(complaint(healing))")
        } else if !healing.isOpened {
            if healing.opening == nil, let leader = healedLeader(healing) {
                healing.opening = ask(.read, of: leader, by: Healing.client)
                self.healing = healing
                wake(leader)
            }
        } else if healing.written == nil {
            if healing.write == nil, let leader = healedLeader(healing) {
                let request = ClientRequest.write(
                    Operation.set(history.nextNumber, isExtreme: false))
                healing.write = ask(request, of: leader, by: Healing.client)
                self.healing = healing
                wake(leader)
            }
        } else {
            askReads(healing)
        }
        queue.add(.probe, at: now + World.probing)
    }

    private func healedLeader(_ healing: Healing) -> SimulatedNode? {
        nodes.first { $0.leads && healing.members[$0.number] }
    }

    private func askReads(_ healing: Healing) {
        for node in nodes where node.takesPart && healing.members[node.number] {
            guard !healing.hasRead[node.number], healing.reads[node.number] == nil else { continue }
            self.healing?.reads[node.number] = ask(.read, of: node, by: Healing.client)
            wake(node)
        }
    }

    /// Whether the last write is known everywhere and every question is answered.
    private func isWell(_ healing: Healing) -> Bool {
        guard let written = healing.written else { return false }
        if !healing.isPartial, nodes.allSatisfy({ $0.takesPart && !$0.hasOldProgram }),
            invariants.levelsAreShared.level < .current
        {
            return false
        }
        let value = invariants.committed.state(at: invariants.committed.lastIndex).value
        return nodes.allSatisfy { node in
            if !healing.members[node.number] { return true }
            if node.hasLostDisk || node.isCopy { return node.state == .ended }
            if node.hasLostEntries, node.state == .ended { return true }
            guard let process = node.process, let view = invariants.views[node.number].last else {
                return false
            }
            return healing.hasRead[node.number] && node.openRequests.isEmpty
                && view.commit >= written && view.value == value
                && view.commit == process.node.withLog { $0.lastIndex }
                && hearsAll(node, process, healing)
        }
    }

    /// Whether a node is connected to all others that are well, wherever they have moved.
    private func hearsAll(
        _ node: SimulatedNode, _ process: SimulatedProcess, _ healing: Healing
    ) -> Bool {
        let heard = process.node.reachableVoters(at: node.clock.reading(at: now))
        return nodes.allSatisfy { other in
            !healing.members[other.number] || !other.takesPart || heard.contains(other.id)
        }
    }

    private func complaint(_ healing: Healing) -> String {
        let states = nodes.map { node in
            guard let view = invariants.views[node.number].last, let process = node.process else {
                return "\(node.id) \(node.state)"
            }
            let last = process.node.withLog { $0.lastIndex.number }
            return """
                \(node.id)\(node.isWiped ? " (wiped)" : "") \(node.state) role \
                \(process.node.role) term \(view.term.number) commit \(view.commit.number) \
                last \(last) founding \(process.node.founding.rank) open \
                \(node.openRequests.count) read \(healing.hasRead[node.number]) moved \
                \(node.moves) hears \(process.node.reachableVoters(at: node.clock.reading(at: now)))
                """
        }
        return """
            \(World.healingBound.wholeMilliseconds) ms after the last fault not all is well: \
            written \(healing.written?.number ?? 0), level \
            \(invariants.levelsAreShared.level.number); \(states.joined(separator: "; "))
            """
    }
}

extension SimulatedNode {
    /// Whether a process runs here that must be well in the end.
    var takesPart: Bool { process != nil && !isWiped && !isOldCopy && !isCopy }

    var leads: Bool { takesPart && process?.node.role == .leader }
}
