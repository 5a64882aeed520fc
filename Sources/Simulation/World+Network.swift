import Primitives
import Replica
import Wire

/// What happens between the nodes.
extension World {
    /// How long a node waits before it calls again whom it did not reach.
    private static let redial = Timespan.milliseconds(50)...Timespan.milliseconds(150)
    /// How often it looks whether those who should call it have done so, and calls them if not.
    static let callBack = Timespan.milliseconds(1_000)

    /// A node calls whom it lacks.
    func dial(_ number: Int, _ life: Int) {
        guard let process = process(number, life) else { return }
        let node = nodes[number]
        queue.add(
            .dial(node: number, life: life), at: now + lifeRandom.timespan(in: World.redial))
        guard node.isListening else { return }
        var peers = process.replica.peersToDial
        let reading = node.clock.reading(at: now)
        if reading >= process.callsBackAt {
            process.callsBackAt = reading + World.callBack
            peers += process.replica.peersToCallBack
        }
        for peer in peers {
            guard let called = nodes.firstIndex(where: { $0.id == peer }),
                !node.calls.contains(called), isReachable(called, from: number)
            else { continue }
            node.calls.insert(called)
            let delay =
                network.delay(from: number, to: called) + network.delay(from: called, to: number)
            queue.add(.call(from: number, life: life, to: called), at: now + delay)
        }
    }

    private func isReachable(_ called: Int, from caller: Int) -> Bool {
        nodes[called].process != nil && !network.isCut(from: caller, to: called)
            && !network.isCut(from: called, to: caller)
    }

    /// A call is answered, or comes to nothing.
    func connect(_ caller: Int, _ life: Int, _ called: Int) {
        guard let process = process(caller, life) else { return }
        nodes[caller].calls.remove(called)
        guard isReachable(called, from: caller), let other = nodes[called].process else { return }
        let connection = network.open(
            caller: Connection.Side(node: caller, life: life),
            called: Connection.Side(node: called, life: other.life))
        story.add(.opened(from: caller, to: called), at: now)
        process.inbox.items.append(
            .opened(
                LinkEnd(connection: connection, isCalled: false), dialed: nodes[called].id))
        other.inbox.items.append(
            .opened(LinkEnd(connection: connection, isCalled: true), dialed: nil))
        wake(nodes[caller])
        wake(nodes[called])
    }

    /// A node says something over a connection.
    func send(_ message: PeerMessage, on end: LinkEnd, from node: SimulatedNode) {
        guard network[end].isOpen else { return }
        let message = plan.encodes ? throughFrame(message) : message
        sentMessages += 1
        let receiver = network[end.other].node
        hash.mix(UInt64(end.number))
        hash.mix(message)
        story.add(.sent(from: node.number, to: receiver, message), at: now)
        guard case .raft(let raft) = message else { return post(.message(message), to: end.other) }
        if let fault = invariants.check(
            raft, from: node.number, id: node.id, to: nodes[receiver].id)
        {
            return fail(fault)
        }
        postThroughWeather(.message(message), to: end.other)
    }

    /// What a message is after it was spelt as a frame and read again: the same.
    private func throughFrame(_ message: PeerMessage) -> PeerMessage {
        frame.removeAll(keepingCapacity: true)
        FrameEncoder.append(message, to: &frame)
        do throws(WireFault) {
            let read = try FrameDecoder.decode(frame, from: 0, to: frame.count)
            if let read, read.message == message, read.consumed == frame.count {
                return read.message
            }
            fail("A frame says something else: \(message.story)")
        } catch {
            fail("A frame can't be read, \(error): \(message.story)")
        }
        return message
    }

    /// A node has closed its end.
    func close(_ end: LinkEnd) {
        guard network[end].isOpen else { return }
        network[end].isOpen = false
        post(.ending, to: end.other)
        network.forgetFinished()
    }

    /// Sends what the connection itself takes care of: it arrives in order, or the connection breaks.
    private func post(_ parcel: Connection.Parcel, to end: LinkEnd) {
        guard isThere(end) else { return }
        if network.isCut(from: network[end.other].node, to: network[end].node) {
            network[end].stuck.append(parcel)
        } else {
            queue.add(.arrival(end, parcel), at: network.arrivalInOrder(at: end, now: now))
        }
    }

    /// Sends what the seed's weather may lose, double or delay, as the core must survive it all.
    private func postThroughWeather(_ parcel: Connection.Parcel, to end: LinkEnd) {
        guard isThere(end) else { return }
        let (sender, receiver) = (network[end.other].node, network[end].node)
        if network.isCut(from: sender, to: receiver) {
            tally.cutOff += 1
            if network.random.chance(plan.stuck, in: 1_000) {
                network[end].stuck.append(parcel)
            } else {
                story.add(.lost(from: sender, to: receiver), at: now)
            }
            return
        }
        let weather = network.weather
        if weather.lost > 0, network.random.chance(weather.lost, in: 1_000) {
            tally.lost += 1
            story.add(.lost(from: sender, to: receiver), at: now)
            return
        }
        if weather.doubled > 0, network.random.chance(weather.doubled, in: 1_000) {
            tally.doubled += 1
            postLate(parcel, to: end)
        }
        if weather.late > 0, network.random.chance(weather.late, in: 1_000) {
            tally.late += 1
            postLate(parcel, to: end)
        } else {
            queue.add(.arrival(end, parcel), at: network.arrivalInOrder(at: end, now: now))
        }
    }

    private func postLate(_ parcel: Connection.Parcel, to end: LinkEnd) {
        let delay = network.delay(from: network[end.other].node, to: network[end].node)
        let lateness = network.random.timespan(in: .zero...network.weather.lateness)
        queue.add(.arrival(end, parcel), at: now + delay + lateness)
    }

    /// Whether somebody still holds that end. Where it vanished without a word and its machine is
    /// back, the sender learns of it now.
    private func isThere(_ end: LinkEnd) -> Bool {
        let side = network[end]
        if side.isOpen { return true }
        let sender = network[end.other]
        if side.isSilent, sender.isOpen, nodes[side.node].process != nil,
            !network.isCut(from: sender.node, to: side.node),
            !network.isCut(from: side.node, to: sender.node)
        {
            queue.add(
                .arrival(end.other, .ending),
                at: network.arrivalInOrder(at: end.other, now: now))
        }
        return false
    }

    /// Something reaches an end.
    func arrive(_ parcel: Connection.Parcel, at end: LinkEnd) {
        let side = network[end]
        guard side.isOpen, let process = process(side.node, side.life) else { return }
        switch parcel {
        case .message(let message):
            process.inbox.items.append(.message(message, on: end))
        case .ending:
            network[end].isOpen = false
            network.forgetFinished()
            story.add(.closed(side.node, towards: network[end.other].node), at: now)
            if side.isAnnounced {
                process.inbox.ended.append(end)
            } else {
                process.inbox.forget(end)
            }
        }
        wake(nodes[side.node])
    }

    /// A process is gone: its connections end, in the other ends' sight at once or, where a machine
    /// fell silent, only when somebody tries them.
    func loseConnections(of node: Int, isSilent: Bool) {
        for number in network.standing {
            for isCalled in [false, true] {
                let end = LinkEnd(connection: number, isCalled: isCalled)
                guard network[end].node == node, network[end].isOpen else { continue }
                network[end].isOpen = false
                network[end].isSilent = isSilent
                if !isSilent { post(.ending, to: end.other) }
            }
        }
        network.forgetFinished()
    }

    /// Ways are open again: what was stuck goes on.
    func mend(_ ways: [Way]) {
        guard healing == nil else { return }
        for way in ways { network.mend(way) }
        releaseStuck()
    }

    func releaseStuck() {
        for number in network.standing {
            for isCalled in [false, true] {
                let end = LinkEnd(connection: number, isCalled: isCalled)
                let stuck = network[end].stuck
                guard !stuck.isEmpty,
                    !network.isCut(from: network[end.other].node, to: network[end].node)
                else { continue }
                network[end].stuck = []
                for parcel in stuck { post(parcel, to: end) }
            }
        }
    }
}

extension Inbox {
    /// Drops everything of a connection that the process was never told of.
    mutating func forget(_ end: LinkEnd) {
        items.removeAll { item in
            switch item {
            case .opened(let other, _): other == end
            case .message(_, let other): other == end
            }
        }
    }
}
