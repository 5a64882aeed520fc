import Node
import Primitives
import Replica
import Wire

/// The bytes that travel over connections.
extension World {
    /// Puts what a connection has to send on its way, as far as there is room.
    func flush(_ link: LinkID, of node: SimulatedNode, _ process: SimulatedProcess) {
        guard let end = process.end(of: link) else { return }
        let isConnected = end.side.state == .open
        let state = process.node.withOutput(of: link) { bytes, range in
            isConnected
                ? send(bytes, range, from: end) : end.side.state == .closed ? range.count : 0
        }
        switch state {
        case .empty: break
        case .waiting:
            tally.fullBuffers += 1
            end.other.side.isSenderBlocked = true
            checkBuffers(end, link, process)
        case .done:
            close(end)
            forget(link, process, node)
        }
    }

    func forget(_ link: LinkID, _ process: SimulatedProcess, _ node: SimulatedNode) {
        process.links.removeAll { $0.link == link }
        process.node.forget(link, at: node.clock.reading(at: now))
    }

    /// Sends bytes from an end; returns how many there was room for.
    func send(_ bytes: [UInt8], _ range: Range<Int>, from end: LinkEnd) -> Int {
        let receiver = end.other
        let count = min(range.count, receiver.side.room)
        guard count > 0 else { return 0 }
        let range = range.prefix(count)
        guard end.connection.port == .raft, end.connection.stranger == nil || end.isCalled else {
            post(bytes, range, to: receiver)
            return count
        }
        if plan.isFramed, end.connection.stranger == nil {
            split(bytes, range, from: end) { self.post(frame: $0, $1, $2, to: receiver) }
        } else {
            split(bytes, range, from: end) { _, _, _ in }
            post(bytes, range, to: receiver)
        }
        return count
    }

    /// Looks at the messages that leave.
    private func split(
        _ bytes: [UInt8], _ range: Range<Int>, from end: LinkEnd,
        _ body: (PeerMessage, [UInt8], Range<Int>) -> Void
    ) {
        var frames = FrameSplitter()
        swap(&frames, &end.other.side.frames)
        do throws(WireFault) {
            try frames.take(bytes, range) { message, bytes, range in
                noteSent(message, bytes, range, from: end)
                body(message, bytes, range)
            }
            end.other.side.frames = frames
        } catch {
            fail("n\(end.side.machine + 1) sends bytes that are no frame: \(error)")
        }
    }

    /// A whole message has left a node.
    private func noteSent(
        _ message: PeerMessage, _ bytes: [UInt8], _ range: Range<Int>, from end: LinkEnd
    ) {
        sentMessages += 1
        let (sender, receiver) = (end.side.machine, end.other.side.machine)
        hash.mix(UInt64(end.number))
        // Its length, kind and checksum.
        hash.mix(bytes, range.prefix(Limits.header))
        story.add(.sent(from: sender, to: receiver, message), at: now)
        if end.connection.stranger != nil {
            if let fault = StrangersHearLittle.check(message, from: sender) { fail(fault) }
        } else if case .raft(let raft) = message,
            let fault = invariants.check(
                raft, from: sender, id: nodes[sender].id, to: nodes[receiver].id)
        {
            fail(fault)
        }
    }

    /// Sends a range of bytes in pieces, which arrive one after the other.
    func post(_ bytes: [UInt8], _ range: Range<Int>, to end: LinkEnd) {
        var range = range
        end.side.inFlight += range.count
        while range.count > 1, network.weather.split > 0,
            network.random.chance(network.weather.split, in: 1_000)
        {
            tally.cutStreams += 1
            let piece = range.prefix(1 + network.random.below(range.count - 1))
            post(.bytes(Array(bytes[piece])), to: end)
            range = piece.upperBound..<range.upperBound
        }
        post(.bytes(Array(bytes[range])), to: end)
    }

    /// Sends what the connection itself takes care of: it arrives in order, or waits until the way is
    /// open again.
    func post(_ segment: Segment, to end: LinkEnd) {
        if network.isCut(from: end.other.side.machine, to: end.side.machine) {
            end.side.stuck.append(segment)
        } else {
            queue.add(.arrival(end, segment), at: network.arrivalInOrder(at: end, now: now))
        }
    }

    /// Sends one frame; those of Raft the seed's weather may lose, double or delay, as the core must
    /// survive it all.
    private func post(
        frame message: PeerMessage, _ bytes: [UInt8], _ range: Range<Int>, to end: LinkEnd
    ) {
        let frame = Segment.bytes(Array(bytes[range]))
        let (sender, receiver) = (end.other.side.machine, end.side.machine)
        if case .raft = message {
            if network.isCut(from: sender, to: receiver) {
                tally.cutOff += 1
                guard network.random.chance(plan.stuck, in: 1_000) else {
                    return story.add(.lost(from: sender, to: receiver), at: now)
                }
            } else if drawLoss() {
                tally.lost += 1
                return story.add(.lost(from: sender, to: receiver), at: now)
            } else {
                if drawDouble() {
                    tally.doubled += 1
                    end.side.inFlight += range.count
                    postLate(frame, to: end)
                }
                if drawLateness() {
                    tally.late += 1
                    end.side.inFlight += range.count
                    return postLate(frame, to: end)
                }
            }
        }
        end.side.inFlight += range.count
        post(frame, to: end)
    }

    /// Out of order, but not before what was sent earlier: the handshake stays first.
    private func postLate(_ segment: Segment, to end: LinkEnd) {
        let delay = network.delay(from: end.other.side.machine, to: end.side.machine)
        let lateness = network.random.timespan(in: .zero...network.weather.lateness)
        let arrival = max(now + delay, end.side.lastArrival) + lateness
        queue.add(.arrival(end, segment), at: arrival)
    }

    func drawLoss() -> Bool { draw(network.weather.lost) }
    func drawDouble() -> Bool { draw(network.weather.doubled) }
    func drawLateness() -> Bool { draw(network.weather.late) }

    private func draw(_ share: Int) -> Bool {
        share > 0 && network.random.chance(share, in: 1_000)
    }

    /// Something reaches an end.
    func arrive(_ segment: Segment, at end: LinkEnd) {
        guard end.side.state != .closed else { return arriveTooLate(segment, at: end) }
        if end.connection.stranger != nil, !end.isCalled { return hear(segment, at: end) }
        let node = nodes[end.side.machine]
        guard let process = process(node.number, end.side.life) else { return }
        steps += 1
        switch segment {
        case .connected:
            end.side.state = .open
            story.add(.opened(from: node.number, to: end.other.side.machine), at: now)
            noteConnected(end, process)
        case .bytes(let bytes):
            end.side.arrive(bytes)
            noteReadable(end, process)
        case .room: return flushAgain(end, node, process)
        case .end:
            end.side.hasEnded = true
            story.add(.closed(node.number, towards: end.other.side.machine), at: now)
            noteReadable(end, process)
        case .refused, .reset:
            end.side.state = .closed
            end.side.dropWaiting()
            abandonCall(end)
            network.forgetFinished()
            story.add(.closed(node.number, towards: end.other.side.machine), at: now)
            noteEnded(end, process)
        }
        wake(node)
    }

    private func noteConnected(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard let link = end.side.link else { preconditionFailure("a call without a name") }
        process.node.note(.connected(link))
    }

    private func noteEnded(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard let link = end.side.link, !end.side.isEndNoted else { return }
        end.side.isEndNoted = true
        process.node.note(.ended(link))
    }

    /// Something reaches an end that nobody holds: a machine that runs says so.
    private func arriveTooLate(_ segment: Segment, at end: LinkEnd) {
        guard case .bytes = segment, end.other.side.state == .open else { return }
        let machine = end.side.machine
        if end.side.isSilent, machine < nodes.count, nodes[machine].isPoweredOff { return }
        reset(end.other)
    }

    /// There is room for more of what an end has to send.
    private func flushAgain(
        _ end: LinkEnd, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        guard let link = end.side.link else { return }
        guard node.state == .up else { return process.unblocked.append(link) }
        flush(link, of: node, process)
    }

    /// The process is to look at an end in its next turn.
    func noteReadable(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard end.side.link != nil, !end.side.isReadable,
            end.side.waiting > 0 || end.side.hasEnded
        else { return }
        end.side.isReadable = true
        process.readable.append(end)
    }

    /// Hands over what has come, as far as the node takes it.
    func readStreams(_ process: SimulatedProcess) {
        guard !process.readable.isEmpty else { return }
        let readable = process.readable
        process.readable.removeAll(keepingCapacity: true)
        for end in readable {
            end.side.isReadable = false
            guard end.side.state != .closed, let link = end.side.link else { continue }
            if end.side.waiting > 0 { read(end, link, process) }
            if end.side.waiting > 0 {
                noteReadable(end, process)
            } else if end.side.hasEnded {
                noteEnded(end, process)
            }
        }
    }

    private func read(_ end: LinkEnd, _ link: LinkID, _ process: SimulatedProcess) {
        let count = min(end.side.waiting, process.node.room(on: link))
        guard count > 0 else { return }
        process.node.receive(end.side.arrived, end.side.rest.prefix(count), on: link)
        end.side.take(count)
        makeRoom(at: end)
        checkBuffers(end, link, process)
    }

    private func checkBuffers(_ end: LinkEnd, _ link: LinkID, _ process: SimulatedProcess) {
        guard let waiting = process.node.waitingBytes(on: link) else { return }
        let isStranger = end.connection.stranger != nil
        if let fault = BuffersAreBounded.check(
            waiting, isStranger: isStranger, node: end.side.machine)
        {
            fail(fault)
        }
    }

    /// What was taken makes room for more.
    func makeRoom(at end: LinkEnd) {
        guard end.side.isSenderBlocked, end.side.room > 0 else { return }
        end.side.isSenderBlocked = false
        post(.room, to: end.other)
    }

    /// Whether something waits that a node takes in now.
    func canRead(_ process: SimulatedProcess) -> Bool {
        process.readable.contains { end in
            guard let link = end.side.link, end.side.state != .closed else { return false }
            return end.side.waiting > 0 ? process.node.room(on: link) > 0 : end.side.hasEnded
        }
    }

    /// Ways are open again: what was stuck goes on.
    func mend(_ ways: [Way]) {
        guard healing == nil else { return }
        for way in ways { network.mend(way) }
        releaseStuck()
    }

    func releaseStuck() {
        for connection in network.standing {
            for isCalled in [false, true] {
                let end = LinkEnd(connection: connection, isCalled: isCalled)
                guard !end.side.stuck.isEmpty,
                    !network.isCut(from: end.other.side.machine, to: end.side.machine)
                else { continue }
                let stuck = end.side.stuck
                end.side.stuck = []
                for segment in stuck { post(segment, to: end) }
            }
        }
    }
}
