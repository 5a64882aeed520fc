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
        if receiver.side.isUnread { return count }
        if plan.isFramed, end.connection.stranger == nil {
            sendFrames(bytes, range, from: end)
        } else {
            split(bytes, range, from: end) { _, _, _ in }
            if !receiver.side.isUnread { post(bytes, range, to: receiver) }
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
            fail("Streams Are Whole: n\(end.side.machine + 1) sends what is no frame: \(error)")
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
        if end.connection.stranger == nil, !isReadable(message, at: end.other) {
            end.other.side.isUnread = true
            closeUnread(end)
        }
        if end.connection.stranger != nil {
            if let fault = StrangersHearLittle.check(message, from: sender) { fail(fault) }
            return
        }
        switch message {
        case .hello(let hello), .welcome(let hello): invariants.introduced(sender, as: hello)
        case .raft(let raft):
            if let fault = invariants.check(
                raft, from: sender, id: nodes[sender].id, to: nodes[receiver].id)
            {
                fail(fault)
            }
        default: break
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

    /// Sends frames one by one; those of Raft the seed's weather may lose, double or delay, as the core
    /// must survive it all. What it leaves alone travels together.
    private func sendFrames(_ bytes: [UInt8], _ range: Range<Int>, from end: LinkEnd) {
        var together: [UInt8] = []
        var late: [[UInt8]] = []
        split(bytes, range, from: end) { message, bytes, range in
            var isInTime = true
            if case .raft = message { isInTime = self.drawFate(bytes, range, to: end.other, &late) }
            if end.other.side.isUnread { return }
            if isInTime { together.append(contentsOf: bytes[range]) }
        }
        if !together.isEmpty {
            end.other.side.inFlight += together.count
            post(.bytes(together), to: end.other)
        }
        for frame in late { postLate(frame, to: end.other) }
    }

    /// Draws what becomes of a frame; copies that come late are added to `late`. Returns whether it
    /// travels in time.
    private func drawFate(
        _ bytes: [UInt8], _ range: Range<Int>, to end: LinkEnd, _ late: inout [[UInt8]]
    ) -> Bool {
        let (sender, receiver) = (end.other.side.machine, end.side.machine)
        if network.isCut(from: sender, to: receiver) {
            tally.cutOff += 1
            if network.random.chance(plan.stuck, in: 1_000) { return true }
            story.add(.lost(from: sender, to: receiver), at: now)
            return false
        }
        if drawLoss() {
            tally.lost += 1
            story.add(.lost(from: sender, to: receiver), at: now)
            return false
        }
        if drawDouble() {
            tally.doubled += 1
            late.append(Array(bytes[range]))
        }
        guard drawLateness() else { return true }
        tally.late += 1
        late.append(Array(bytes[range]))
        return false
    }

    /// Out of order, but not before what was sent earlier: the handshake stays first.
    private func postLate(_ frame: [UInt8], to end: LinkEnd) {
        end.side.inFlight += frame.count
        let delay = network.delay(from: end.other.side.machine, to: end.side.machine)
        let lateness = network.random.timespan(in: .zero...network.weather.lateness)
        let arrival = max(now + delay, end.side.lastArrival) + lateness
        queue.add(.arrival(end, .bytes(frame)), at: arrival)
    }

    func drawLoss() -> Bool { draw(network.weather.lost) }
    func drawDouble() -> Bool { draw(network.weather.doubled) }
    func drawLateness() -> Bool { draw(network.weather.late) }

    private func draw(_ share: Int) -> Bool {
        share > 0 && network.random.chance(share, in: 1_000)
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
