import Founding
import Primitives
import Raft
import Wire

/// Somebody who is no node connects to one and says anything.
extension World {
    /// Where strangers stand in the network: behind the nodes and a copy of one.
    var strangersPlace: Int { founders.count + 1 }

    /// A stranger calls a port, or sends a datagram.
    func callAsStranger() -> Bool {
        let node = nodes[draws.strangers.below(founders.count)]
        guard node.process != nil else { return false }
        let isAtGossip = draws.strangers.chance(1, in: 5)
        if isAtGossip, draws.strangers.chance(1, in: 2) {
            sendAsStranger(to: node)
            return true
        }
        let connection = network.open(
            isAtGossip ? .gossip : .raft, from: strangersPlace, life: 0, to: node.number)
        connection.stranger = drawStranger(isAtGossip: isAtGossip)
        story.add(.fault("a stranger calls n\(node.number + 1)"), at: now)
        reach(connection)
        let leaves = draws.strangers.timespan(in: .zero...(.milliseconds(2_000)))
        queue.add(.strangerLeaves(connection), at: now + leaves)
        return true
    }

    private func sendAsStranger(to node: SimulatedNode) {
        let datagram = Datagram(
            to: World.numeric(node.number, moves: node.moves, .gossip),
            from: World.numeric(strangersPlace, moves: 0, .gossip), bytes: drawNoise(atMost: 300))
        send(datagram, from: strangersPlace)
    }

    /// Something reaches a stranger.
    func hear(_ segment: Segment, at end: LinkEnd) {
        switch segment {
        case .connected:
            end.side.state = .open
            speak(end)
        case .room: speak(end)
        case .bytes(let bytes):
            end.side.arrive(bytes)
            guard end.connection.stranger?.listens == true else { return }
            end.side.dropWaiting()
            makeRoom(at: end)
        case .end: close(end)
        case .refused, .reset:
            end.side.state = .closed
            abandonCall(end)
            network.forgetFinished()
        }
    }

    /// A stranger says as much as there is room for.
    private func speak(_ end: LinkEnd) {
        guard let stranger = end.connection.stranger else { return }
        let count = send(stranger.speech, stranger.rest, from: end)
        end.connection.stranger?.said += count
        if count < stranger.rest.count { end.other.side.isSenderBlocked = true }
    }

    func strangerLeaves(_ connection: Connection) {
        let end = LinkEnd(connection: connection, isCalled: false)
        guard end.side.state != .closed, let stranger = connection.stranger else { return }
        switch stranger.departure {
        case .end: close(end)
        case .reset:
            end.side.state = .closed
            abandonCall(end)
            if end.other.side.state != .closed { reset(end.other) }
            network.forgetFinished()
        case .never: break
        }
    }

    private func drawStranger(isAtGossip: Bool) -> Stranger {
        var stranger = Stranger()
        stranger.listens = draws.strangers.chance(3, in: 4)
        stranger.departure = [.end, .end, .reset, .never][draws.strangers.below(4)]
        switch draws.strangers.below(isAtGossip ? 4 : 10) {
        case 0: break
        case 1: stranger.speech = drawNoise(atMost: 3_000)
        case 2: stranger.speech = drawFlood()
        case 3:
            // A frame, or part of it.
            FrameEncoder.append(drawWords(), to: &stranger.speech)
            stranger.speech.removeLast(draws.strangers.below(stranger.speech.count))
        default:
            for _ in 0...draws.strangers.below(3) {
                FrameEncoder.append(drawWords(), to: &stranger.speech)
            }
        }
        return stranger
    }

    private func drawNoise(atMost count: Int) -> [UInt8] {
        (0..<draws.strangers.below(count)).map { _ in
            UInt8(truncatingIfNeeded: draws.strangers.next())
        }
    }

    /// The same again and again: frames, or bytes that are none.
    private func drawFlood() -> [UInt8] {
        var once: [UInt8] = []
        if draws.strangers.chance(1, in: 2) {
            FrameEncoder.append(drawWords(), to: &once)
        } else {
            once = Array(repeating: UInt8(draws.strangers.below(4)), count: 1_000)
        }
        let size = [10_000, 200_000][draws.strangers.below(2)]
        var flood: [UInt8] = []
        flood.reserveCapacity(size)
        while flood.count < size { flood.append(contentsOf: once) }
        return flood
    }

    private func drawWords() -> PeerMessage {
        let term = Term(1 + UInt64(draws.strangers.below(1_000)))
        let last = EntryID(index: LogIndex(UInt64(1 + draws.strangers.below(100))), term: term)
        switch draws.strangers.below(10) {
        case 0: return .ping(draws.strangers.next())
        case 1: return .pong(draws.strangers.next())
        case 2: return .founding(.founded(inventRecord(naming: draws.strangers.next())))
        case 3: return .raft(.voteRequest(VoteRequest(term: term, last: last)))
        case 4: return .raft(.timeoutNow(TimeoutNow(term: term, transfer: 1, last: last)))
        case 5...6:
            let reasons = Refusal.Reason.allCases
            let reason = reasons[draws.strangers.below(reasons.count)]
            return .refusal(Refusal(reason: reason, detail: Array("go away".utf8)))
        default: return .hello(inventHello())
        }
    }

    /// A hello of a voter that remembers another cluster of this name.
    private func inventHello() -> Hello {
        let disk = draws.strangers.next()
        let record = inventRecord(naming: disk)
        let place = draws.strangers.below(founders.count)
        let isFounded = draws.strangers.chance(1, in: 2)
        return Hello(
            cluster: World.cluster, node: founders[place], disk: DiskID(disk &+ UInt64(place)),
            nonce: draws.strangers.next(),
            founding: isFounded ? .founded(record) : .pledged(record),
            voters: founders, http: Array("x:1".utf8), raft: Array("x:2".utf8))
    }

    private func inventRecord(naming first: UInt64) -> FoundingRecord {
        let members = founders.enumerated().map { place, node in
            FoundingRecord.Member(node: node, disk: DiskID(first &+ UInt64(place)))
        }
        guard let record = FoundingRecord(cluster: World.cluster, members: members) else {
            preconditionFailure("no record of \(founders)")
        }
        return record
    }
}
