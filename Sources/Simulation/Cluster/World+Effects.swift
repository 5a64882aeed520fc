import Node
import Primitives
import Raft
import Replica
import Wire

/// What a node wants done.
extension World {
    func carryOut(_ node: SimulatedNode, _ process: SimulatedProcess) {
        // Whatever happens to the process, its answers are nobody else's.
        let immediate = immediateAnswers
        immediateAnswers.removeAll(keepingCapacity: true)
        takeNotices(node, process)
        guard violation == nil, sendAll(node, process) else { return }
        if case .beforeAnswers? = node.death?.point, !effects.answers.isEmpty {
            return dieAsPlanned(node, how: "before it answers")
        }
        answer(immediate, node, process)
        followState(process)
        for link in effects.closes {
            if let end = process.end(of: link) { close(end) }
            forget(link, process, node)
        }
        if let reason = effects.end { return end(node, reason) }
        for wanted in effects.calls { call(wanted, from: node, process) }
        for wanted in effects.lookUps { lookUp(wanted, for: node, process.life) }
        for datagram in effects.datagrams { send(datagram, from: node) }
        if let book = effects.addressBook {
            node.addressBook = book.encoded(cluster: World.cluster, node: node.id)
        }
        if let request = effects.disk.take() { begin(request, node, process) }
        if node.process === process { keepSnapshots(node, process) }
        if effects.isStopped, node.process === process { stopped(node, process) }
    }

    /// Sends on every connection that has something to say. Returns whether the process lives on.
    private func sendAll(_ node: SimulatedNode, _ process: SimulatedProcess) -> Bool {
        for (position, link) in effects.flushes.enumerated() {
            if case .sending(position)? = node.death?.point {
                dieAsPlanned(node, how: "after it has sent on \(position) connections")
                return false
            }
            flush(link, of: node, process)
        }
        for link in process.unblocked { flush(link, of: node, process) }
        process.unblocked.removeAll(keepingCapacity: true)
        return violation == nil
    }

    /// Answers clients, and applies all that is committed.
    private func answer(
        _ immediate: [(id: RequestID, answer: ClientAnswer)], _ node: SimulatedNode,
        _ process: SimulatedProcess
    ) {
        for (id, answer) in immediate { answered(Int(id.number), answer, by: node) }
        for (id, answer) in effects.answers {
            guard let told = clientAnswer(answer, node, process) else {
                return fail("n\(node.number + 1) has no outcome for #\(id.number): \(answer)")
            }
            send(told, to: id, node, process)
        }
        _ = apply(through: process.node.commit, node, process)
    }

    /// Sends a client an answer that had to wait. Now and then the client is slow to take it, so that a
    /// node that is about to stop has to wait, too.
    private func send(
        _ answer: ClientAnswer, to id: RequestID, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        let number = Int(id.number)
        guard process.stopAskedAt != nil, id.number != World.unnumbered,
            clients.random.chance(1, in: 3)
        else { return answered(number, answer, by: node) }
        let delay = clients.random.timespan(in: .zero...(.milliseconds(200)))
        queue.add(
            .answerLeft(node: node.number, life: process.life, operation: number, answer),
            at: now + delay)
    }

    func answerLeft(_ number: Int, _ life: Int, _ operation: Int, _ answer: ClientAnswer) {
        guard process(number, life) != nil else { return }
        answered(operation, answer, by: nodes[number])
        wake(nodes[number])
    }

    private func takeNotices(_ node: SimulatedNode, _ process: SimulatedProcess) {
        for notice in effects.notices {
            story.add(.notice(node.number, notice), at: now)
            switch notice {
            case .badBytes(let link, let reason): noteBadBytes(on: link, reason, node, process)
            case .stoppedWithoutDisk: process.hasStoppedWithoutDisk = true
            default: break
            }
        }
    }

    /// What a node sends is frames, and what another one hears of it are the same frames.
    private func noteBadBytes(
        on link: LinkID, _ reason: String, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        guard let end = process.end(of: link), end.connection.stranger == nil,
            WireFault.allCases.contains(where: { "\($0)" == reason })
        else { return }
        fail(
            """
            Streams Are Whole: n\(node.number + 1) hears bad bytes from \
            n\(end.other.side.machine + 1): \(reason)
            """)
    }
}
