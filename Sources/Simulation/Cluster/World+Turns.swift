import Node
import Primitives
import Raft
import Replica

/// The turns of a host's loop, as the server's are: hand over what has come, let the node turn, carry
/// out what it wants.
extension World {
    /// Something is ready for a node.
    func wake(_ node: SimulatedNode) {
        guard node.state == .up, let process = node.process else { return }
        guard let wakeUp = plan.wakeUp else { return turn(node) }
        guard !process.isWaking else { return }
        process.isWaking = true
        let delay = draws.lives.timespan(in: wakeUp)
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
        guard node.state == .up else { return }
        if node.clock.reading(at: now) >= nextTurn(node, process) {
            wake(node)
        } else {
            armTimer(node, process)
        }
    }

    /// When a node is to turn next, by its clock, if nothing happens before.
    private func nextTurn(_ node: SimulatedNode, _ process: SimulatedProcess) -> Instant {
        if canRead(process) { return .origin }
        // A stop waits for clients to be served.
        if process.stopAskedAt != nil, !process.node.areClientsServed, node.openRequests.isEmpty {
            return .origin
        }
        let deadline = process.node.deadline
        return process.backlog.isEmpty ? deadline : min(deadline, process.node.nextAcceptance)
    }

    private func armTimer(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let deadline = max(
            node.clock.time(of: nextTurn(node, process)), now + Timespan(nanoseconds: 1_000))
        guard deadline < process.timer else { return }
        process.timer = deadline
        queue.add(.timer(node: node.number, life: process.life), at: deadline)
    }

    /// One turn of a node's loop.
    func turn(_ node: SimulatedNode) {
        guard node.state == .up, let process = node.process, violation == nil else { return }
        steps += 1
        if steps > World.stepLimit { return fail("The run spins: \(steps) steps") }
        let reading = node.clock.reading(at: now)
        effects.removeAll()
        process.waitingDatagrams = 0
        if let commit = process.markDone.take() {
            process.node.note(.diskDone(.marked(commit: commit), isFull: process.log.isFull))
        }
        acceptCallers(node, process, at: reading)
        readStreams(process)
        process.node.areClientsServed = node.openRequests.isEmpty
        process.node.beginTurn(at: reading, into: &effects)
        if let last = effects.installed {
            guard let arrived = process.arrived.take(), arrived.applied == last else {
                preconditionFailure("no state of the snapshot that ends with \(last)")
            }
            process.engine = arrived
        }
        observe(node, process)
        takeRequests(process, at: reading)
        process.node.endTurn(at: reading, into: &effects)
        observe(node, process)
        carryOut(node, process)
        if node.process === process { armTimer(node, process) }
    }

    /// Puts before the node what clients ask.
    private func takeRequests(_ process: SimulatedProcess, at reading: Instant) {
        guard !process.requests.isEmpty else { return }
        let requests = process.requests
        process.requests.removeAll(keepingCapacity: true)
        for (request, id) in requests {
            steps += 1
            guard let nodeRequest = request.nodeRequest else {
                immediateAnswers.append(
                    (id, process.node.isInDoubt ? .other(.unavailable(.diverged)) : process.present)
                )
                continue
            }
            let answer = process.node.request(nodeRequest, id, at: reading, into: &effects)
            if let answer { immediateAnswers.append((id, .other(answer))) }
        }
    }

    /// Shows a node to the invariants.
    func observe(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let raft = process.node.raftState
        let (applied, machine) = (process.engine.applied, process.engine.machine)
        let state =
            node.isMiscounting
            ? invariants.committed.state(at: applied.index)
            : (value: machine.value, lastChange: LogIndex(machine.lastChange))
        let seen = Observation(
            node: node.number, life: process.life, term: raft.term, vote: raft.vote,
            isLeader: raft.isLeader, isActive: raft.isActive, commit: raft.commit,
            base: process.node.withLog { $0.base },
            applied: applied, value: state.value, lastChange: state.lastChange)
        let fault = process.node.withLog { log in invariants.check(seen, log) }
        if let fault { return fail(fault) }
        if let fault = checkDisk(seen, node, process) { return fail(fault) }
        if seen.isLeader, let first = invariants.views[node.number].changedFrom {
            history.noteProposals(in: invariants.views[node.number].log, from: first)
        }
        if invariants.committed.lastIndex > history.followedThrough,
            let fault = history.follow(invariants.committed)
        {
            fail(fault)
        }
    }

    private func checkDisk(
        _ seen: Observation, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> String? {
        guard seen.isLeader, case .write? = process.pendingRequest else { return nil }
        return StalledLeadersStepDown.check(
            seen, writingFor: node.clock.reading(at: now).since(process.pendingSince),
            electionTimeout: options.timing.election.upperBound)
    }
}
