import Primitives
import Raft
import Wire

/// Somebody who is no node connects to one and talks.
extension World {
    /// A connection with no node at its other end, over which some frames come and then its end.
    func callAsStranger() -> Bool {
        let node = nodes[strangerRandom.below(nodes.count)]
        guard let process = node.process else { return false }
        let nobody = nodes.count
        var caller = Connection.Side(node: nobody, life: 0)
        // What the node says is heard by nobody.
        caller.isOpen = false
        let connection = network.open(
            caller: caller, called: Connection.Side(node: node.number, life: process.life))
        let end = LinkEnd(connection: connection, isCalled: true)
        story.add(.fault("a stranger calls n\(node.number + 1)"), at: now)
        process.inbox.items.append(.opened(end, dialed: nil))
        for _ in 0...strangerRandom.below(3) {
            process.inbox.items.append(.message(strangersWords(), on: end))
        }
        wake(node)
        let leaves = strangerRandom.timespan(in: .zero...(.milliseconds(2_000)))
        queue.add(.arrival(end, .ending), at: now + leaves)
        return true
    }

    private func strangersWords() -> PeerMessage {
        let term = Term(1 + UInt64(strangerRandom.below(1_000)))
        let last = EntryID(index: LogIndex(UInt64(1 + strangerRandom.below(100))), term: term)
        switch strangerRandom.below(10) {
        case 0: return .ping(strangerRandom.next())
        case 1: return .pong(strangerRandom.next())
        case 2: return .founding(.founded(inventedRecord(naming: strangerRandom.next())))
        case 3: return .raft(.voteRequest(VoteRequest(term: term, last: last)))
        case 4: return .raft(.timeoutNow(TimeoutNow(term: term, transfer: 1, last: last)))
        case 5...6:
            let reasons = Refusal.Reason.allCases
            let reason = reasons[strangerRandom.below(reasons.count)]
            return .refusal(Refusal(reason: reason, detail: Array("go away".utf8)))
        default: return .hello(inventedHello())
        }
    }

    /// A hello of a voter that remembers another cluster of this name.
    private func inventedHello() -> Hello {
        let disk = strangerRandom.next()
        let record = inventedRecord(naming: disk)
        let place = strangerRandom.below(founders.count)
        let isFounded = strangerRandom.chance(1, in: 2)
        return Hello(
            cluster: World.cluster, node: founders[place], disk: DiskID(disk &+ UInt64(place)),
            nonce: strangerRandom.next(), founding: isFounded ? .founded(record) : .pledged(record),
            voters: founders, http: Array("x:1".utf8), raft: Array("x:2".utf8))
    }

    private func inventedRecord(naming first: UInt64) -> FoundingRecord {
        let members = founders.enumerated().map { place, node in
            FoundingRecord.Member(node: node, disk: DiskID(first &+ UInt64(place)))
        }
        guard let record = FoundingRecord(cluster: World.cluster, members: members) else {
            preconditionFailure("no record of \(founders)")
        }
        return record
    }
}
