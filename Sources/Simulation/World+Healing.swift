import Primitives
import Raft
import Replica

/// The time after the last fault: a read, which must need no write to be answered (Raft §8), then
/// one more write, then a read at every node.
struct Healing {
    /// The number under which the healing's own requests are asked.
    static let client = -1

    let began: Instant
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

    init(began: Instant, nodes: Int) {
        self.began = began
        reads = Array(repeating: nil, count: nodes)
        hasRead = Array(repeating: false, count: nodes)
    }

    mutating func answered(_ number: Int, _ answer: Replica.Answer) {
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

    /// All faults stop, and everything that can come back does.
    func calmDown() {
        healing = Healing(began: now, nodes: nodes.count)
        story.add(.fault("all faults stop"), at: now)
        plan.wakeUp = nil
        network.calmDown()
        releaseStuck()
        for node in nodes {
            node.death = nil
            if node.process != nil { node.disk.revive() }
            switch node.state {
            case .down: start(node)
            case .paused: goOn(node.number, node.life)
            case .up, .ended: break
            }
        }
        queue.add(.probe, at: now + World.probing)
    }

    /// Looks how far it is, and asks what is still to be asked.
    func probe() {
        guard var healing else { return }
        if !mustHeal {
            self.healing?.isOver = now.since(healing.began) > .milliseconds(5_000)
        } else if isWell(healing) {
            self.healing?.isOver = true
        } else if now.since(healing.began) > World.healingBound {
            return fail("Liveness: \(complaint(healing))")
        } else if !healing.isOpened {
            if healing.opening == nil, let leader = nodes.first(where: { $0.leads }) {
                healing.opening = ask(.get, of: leader, by: Healing.client)
                self.healing = healing
                wake(leader)
            }
        } else if healing.written == nil {
            if healing.write == nil, let leader = nodes.first(where: { $0.leads }) {
                let request = Operation.set(history.nextNumber, isExtreme: false)
                healing.write = ask(request, of: leader, by: Healing.client)
                self.healing = healing
                wake(leader)
            }
        } else {
            askReads(healing)
        }
        queue.add(.probe, at: now + World.probing)
    }

    private func askReads(_ healing: Healing) {
        for node in nodes where node.takesPart {
            guard !healing.hasRead[node.number], healing.reads[node.number] == nil else { continue }
            self.healing?.reads[node.number] = ask(.get, of: node, by: Healing.client)
            wake(node)
        }
    }

    /// Whether the last write is known everywhere and every question is answered.
    private func isWell(_ healing: Healing) -> Bool {
        guard let written = healing.written else { return false }
        let value = invariants.committed.state(at: invariants.committed.lastIndex).value
        return nodes.allSatisfy { node in
            if node.isWiped { return node.state == .ended }
            guard let process = node.process, let view = invariants.views[node.number].last else {
                return false
            }
            return healing.hasRead[node.number] && node.openRequests.isEmpty
                && view.commit >= written && view.value == value
                && view.commit == process.replica.withLog { $0.lastIndex }
        }
    }

    private func complaint(_ healing: Healing) -> String {
        let states = nodes.map { node in
            guard let view = invariants.views[node.number].last, let process = node.process else {
                return "\(node.id) \(node.state)"
            }
            let last = process.replica.withLog { $0.lastIndex.number }
            return """
                \(node.id)\(node.isWiped ? " (wiped)" : "") \(node.state) role \
                \(process.replica.role) term \(view.term.number) commit \(view.commit.number) \
                last \(last) founding \(process.replica.founding.rank) open \
                \(node.openRequests.count) read \(healing.hasRead[node.number])
                """
        }
        return """
            \(World.healingBound.wholeMilliseconds) ms after the last fault not all is well: \
            written \(healing.written?.number ?? 0); \(states.joined(separator: "; "))
            """
    }
}

extension SimulatedNode {
    /// Whether a process runs here that must be well in the end.
    var takesPart: Bool { process != nil && !isWiped }

    var leads: Bool { takesPart && process?.replica.role == .leader }
}
