import Primitives
import Raft
import Replica
import Testing

/// How a cluster is founded (the design's "Birth, identity and amnesia"), when nothing goes wrong.
struct FoundingTests {
    /// Every order of that many nodes.
    static func orders(of count: Int) -> [[Int]] {
        if count == 0 { return [[]] }
        return orders(of: count - 1).flatMap { shorter in
            (0...shorter.count).map { position in
                var order = shorter
                order.insert(count, at: position)
                return order
            }
        }
    }

    /// All nodes are founded with the same record, one of them leads, and a write is acknowledged.
    static func expectLife(on stage: Stage, sourceLocation: SourceLocation = #_sourceLocation) {
        stage.run(milliseconds: 1_500)
        let record = stage.boxes.first?.record
        #expect(stage.boxes.count == stage.founders.count, sourceLocation: sourceLocation)
        #expect(record != nil, sourceLocation: sourceLocation)
        #expect(stage.boxes.allSatisfy { $0.record == record }, sourceLocation: sourceLocation)
        guard let leader = stage.elect() else {
            Issue.record("nobody leads", sourceLocation: sourceLocation)
            return
        }
        let write = stage.ask(leader, .add(3))
        stage.run(milliseconds: 200)
        let value = leader.receipt(of: write[0])?.value
        #expect(value == 3, sourceLocation: sourceLocation)
        #expect(stage.violations == [], sourceLocation: sourceLocation)
    }

    @Test(arguments: [1, 3])
    func anyOrderOfStarting(count: Int) {
        for order in FoundingTests.orders(of: count) {
            let stage = Stage(founders: count)
            for number in order {
                #expect(stage.boxes.allSatisfy { $0.founding == .newborn })
                stage.start(stage.freshDisk(number))
                if number != order.last { stage.run(milliseconds: 700) }
            }
            FoundingTests.expectLife(on: stage)
        }
    }

    @Test func fiveNodesInSomeOrders() {
        for order in FoundingTests.orders(of: 5).enumerated().filter({ $0.offset % 12 == 5 }) {
            let stage = Stage(founders: 5)
            for number in order.element {
                stage.start(stage.freshDisk(number))
                stage.settle()
            }
            FoundingTests.expectLife(on: stage)
        }
    }

    /// Connections come up one by one, in any order, and nobody pledges before it has all.
    @Test func anyOrderOfMeeting() {
        let pairs = [(0, 1), (0, 2), (1, 2)]
        for order in FoundingTests.orders(of: 3) {
            let stage = Stage(founders: 3)
            let boxes = stage.startAll()
            for position in order {
                #expect(boxes.allSatisfy { $0.founding == .newborn })
                let (caller, called) = pairs[position - 1]
                let connection = stage.connect(boxes[caller], to: boxes[called])
                while let end = [0, 1].first(where: { connection.hasNews(for: $0) }) {
                    stage.deliver(connection, to: end)
                }
            }
            #expect(boxes.contains { $0.write?.founding != nil })
            FoundingTests.expectLife(on: stage)
        }
    }

    @Test func aVoterThatNeverComesKeepsTheClusterForming() {
        let stage = Stage(founders: 3)
        let one = stage.start(stage.freshDisk(1))
        let two = stage.start(stage.freshDisk(2))
        stage.run(milliseconds: 30_000)
        for box in [one, two] {
            #expect(box.founding == .newborn)
            let status = box.status(at: stage.now)
            #expect(status.waitingFor == [name(3)])
            #expect(status.role.description == "newborn")
            let asked = stage.ask(box, .set(1), .read)
            #expect(box.answer(to: asked[0]) == .unavailable(.forming))
            #expect(box.answer(to: asked[1]) == .unavailable(.forming))
        }
        stage.start(stage.freshDisk(3))
        FoundingTests.expectLife(on: stage)
    }

    /// A pledge is not enough: as long as one disk has not pledged, nobody is founded.
    @Test func nobodyIsFoundedBeforeEveryDiskHasPledged() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        stage.hungDisks = [boxes[2]]
        stage.run(milliseconds: 3_000)
        for box in boxes[0...1] {
            #expect(box.founding.record != nil && box.record == nil)
            #expect(box.status(at: stage.now).waitingFor == [name(3)])
        }
        #expect(boxes[2].founding == .newborn)
        stage.hungDisks = []
        FoundingTests.expectLife(on: stage)
    }

    /// The last to write goes away before it has heard of the others: those who are founded tell it.
    @Test func aPledgedNodeThatMeetsAFoundedOneIsFounded() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        while !(boxes[0].record != nil && boxes[2].founding.record != nil) {
            guard stage.advance() else { break }
        }
        for box in boxes { stage.crash(box) }
        #expect(boxes[0].disk.founding != .newborn)
        guard case .founded(let record) = boxes[0].disk.founding else {
            Issue.record("not founded")
            return
        }
        let pledged = TestDisk(
            of: name(3), id: boxes[2].disk.id, founding: .pledged(record),
            starts: boxes[2].disk.starts)
        stage.start(boxes[0].disk)
        let three = stage.start(pledged)
        stage.run(milliseconds: 1_000)
        #expect(three.record == record)
        #expect(stage.leader != nil)
        #expect(stage.violations == [])
    }

    @Test func afterTheFoundingAnyMinorityMayBeAway() {
        for away in 0..<3 {
            let stage = Stage(founders: 3)
            let boxes = stage.startAll()
            stage.run(milliseconds: 500)
            for box in boxes { stage.crash(box) }
            for box in boxes where box !== boxes[away] { stage.start(box.disk) }
            #expect(stage.elect() != nil)
        }
    }
}
