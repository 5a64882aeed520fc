import Primitives
import Testing

@testable import Gossip

/// Who is probed when, and what is told how often.
@Suite struct OrderTests {
    /// SWIM §4.3.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everyMemberIsProbedWithinTwoRounds(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let others = 7
        var table = MemberTable(own: member(1))
        var ring = ProbeRing()
        for number in 2...others + 1 {
            _ = table.insert(member(number))
            ring.insert(node(number), &random)
        }
        var lastProbed = [Int](repeating: 0, count: others + 2)
        for period in 1...500 {
            guard let id = ring.popNext(among: table, &random),
                let number = (2...others + 1).first(where: { node($0) == id })
            else {
                Issue.record("nobody to probe")
                return
            }
            // n members in all, so that n − 1 others have their turn in a round.
            #expect(period - lastProbed[number] <= 2 * others - 1)
            lastProbed[number] = period
        }
    }

    @Test func aNewcomerIsProbedWithinTwoRoundsAndNobodyTwiceInOne() {
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = RandomSource(seed: seed)
            var table = MemberTable(own: member(1))
            var ring = ProbeRing()
            for number in 2...6 {
                _ = table.insert(member(number))
                ring.insert(node(number), &random)
            }
            var round: [NodeID] = []
            for _ in 0..<3 { round.append(ring.popNext(among: table, &random)!) }
            _ = table.insert(member(7))
            ring.insert(node(7), &random)
            ring.insert(node(7), &random)
            for _ in 0..<2 { round.append(ring.popNext(among: table, &random)!) }
            #expect(Set(round).count == round.count)
            var rest: [NodeID] = round
            for _ in 0..<7 { rest.append(ring.popNext(among: table, &random)!) }
            #expect(rest.contains(node(7)))
        }
    }

    @Test func theGoneAreNotProbed() {
        var random = RandomSource(seed: 1)
        var table = MemberTable(own: member(1))
        var ring = ProbeRing()
        let nobody = ring.popNext(among: table, &random)
        #expect(nobody == nil)
        for number in 2...4 {
            _ = table.insert(member(number))
            ring.insert(node(number), &random)
        }
        table.replace(member(3, .dead))
        table.replace(member(4, .left))
        for _ in 0..<10 {
            let next = ring.popNext(among: table, &random)
            #expect(next == node(2))
        }
        table.replace(member(2, .dead))
        let next = ring.popNext(among: table, &random)
        #expect(next == nil)
    }

    @Test func aRumourIsToldSoOftenAndTheLeastToldFirst() throws {
        var queue = RumourQueue()
        queue.add(left(2))
        queue.add(left(3))
        var told: [[Rumour]] = []
        for round in 0..<6 {
            if round == 2 { queue.add(left(4)) }
            told.append(try fill(&queue, limit: 3, upTo: 20))
        }
        // Room for one at a time: the newer first, then by turns; the newcomer before those that
        // were told already.
        #expect(told[0] == [left(3)])
        #expect(told[1] == [left(2)])
        #expect(told[2] == [left(4)])
        #expect(told[3] == [left(4)])
        for _ in 0..<20 { told.append(try fill(&queue, limit: 3, upTo: 20)) }
        for number in 2...4 {
            #expect(told.count { $0 == [left(number)] } == 3)
        }
        #expect(queue.count == 0)
    }

    @Test func aNewerRumourTakesThePlaceOfAnOlderOne() throws {
        var queue = RumourQueue()
        queue.add(suspect(2, by: 3))
        queue.add(alive(2, 1))
        #expect(queue.count == 1)
        let told = try fill(&queue, limit: 2, upTo: 1_000)
        #expect(told == [alive(2, 1)])
    }

    @Test func aDatagramIsNeverTooLong() throws {
        var queue = RumourQueue()
        for number in 1...200 { queue.add(alive(number)) }
        var writer = MessageWriter(.ack, header, onStream: false)
        writer.write(1)
        writer.write(node(2))
        queue.fill(&writer, limit: 9, upTo: GossipLimits.datagram)
        let bytes = writer.finished()
        #expect(bytes.count <= GossipLimits.datagram)
        #expect(bytes.count > GossipLimits.datagram - alive(200).bytes.count)
    }

    private var header: MessageWriter.Header {
        MessageWriter.Header(cluster: cluster, digest: nil, sender: node(1))
    }

    private func fill(
        _ queue: inout RumourQueue, limit: Int, upTo room: Int
    ) throws -> [Rumour] {
        var writer = MessageWriter(.ack, header, onStream: false)
        writer.write(1)
        writer.write(node(2))
        queue.fill(&writer, limit: limit, upTo: writer.count + room)
        let envelope = try MessageReader.read(writer.finished(), by: .datagram)
        guard case .ack(_, _, let rumours) = envelope.message else { return [] }
        return rumours
    }

    private func member(_ number: Int, _ state: Member.State = .alive) -> Member {
        Member(
            id: node(number), state: state, incarnation: 0, since: .origin,
            metadata: metadata(number))
    }
}
