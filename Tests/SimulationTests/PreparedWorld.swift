import Founding
import Primitives
import Raft
import Replica
import WriteAheadLog

@testable import Simulation

extension World {
    /// What a node's disk holds before its first process: its term, and the terms of its entries.
    struct Past {
        var term: UInt64
        var log: [UInt64]

        /// Whether another node may hold the other log: where they agree in an entry they agree in
        /// all before it (Raft figure 3, Log Matching).
        func matches(_ other: Past) -> Bool {
            var isSame = true
            for (own, theirs) in zip(log, other.log) {
                if own == theirs, !isSame { return false }
                isSame = isSame && own == theirs
            }
            return true
        }
    }

    /// A founded cluster on a quiet day whose disks hold these pasts; no process runs yet.
    static func remembering(_ pasts: [Past], seed: UInt64 = 1) throws -> World {
        let world = World(
            seed: seed,
            options: Simulation.Options(nodes: pasts.count, seconds: 1_000, faults: false),
            trace: nil)
        let members = world.nodes.map { FoundingRecord.Member(node: $0.id, disk: $0.disk.number) }
        guard let record = FoundingRecord(cluster: World.cluster, members: members) else {
            preconditionFailure("no record")
        }
        for (node, past) in zip(world.nodes, pasts) {
            var log = EntryLog()
            for term in past.log {
                _ = log.append(term: Term(term), kind: .noOperation, payload: 0..<0, of: [])
            }
            let write = Write(
                id: WriteID.zero, hardState: HardState(term: Term(past.term), vote: nil),
                entries: LogIndex(1)..<log.lastIndex.next)
            var disk = try WriteAheadLog.open(
                SimulatedDisk(state: node.disk), cluster: World.cluster, node: node.id,
                newDisk: node.disk.number, limits: world.limits
            ).log
            try disk.begin(Start(number: 1, nonce: UInt64(node.number)))
            var batch = LogBatch()
            batch.append(founding: .pledged(record))
            batch.append(founding: .founded(record))
            batch.append(write, from: log)
            try disk.flush(&batch)
            try disk.sync()
            _ = world.invariants.nodeStarted(
                node.number, on: node.disk.number, 1,
                DurableView(founding: .pledged(record)))
        }
        return world
    }

    /// Starts these nodes.
    func start(_ numbers: [Int]) {
        for number in numbers { start(nodes[number]) }
    }

    /// Cuts two nodes off from each other.
    func cut(_ one: Int, _ other: Int) {
        network.cut(Way(from: one, to: other))
        network.cut(Way(from: other, to: one))
    }

    /// Lets time pass until it is so, or until so many milliseconds are over; says whether it is so.
    func run(atMost milliseconds: Int, until isSo: () -> Bool) -> Bool {
        let end = now + .milliseconds(milliseconds)
        while !isSo() {
            guard now < end, violation == nil else { return false }
            run(for: 50)
        }
        return violation == nil
    }

    /// Whether these nodes run, and know the same entries committed, at least one.
    func agree(_ numbers: [Int]) -> Bool {
        let last = invariants.committed.lastIndex
        return last > .zero && numbers.allSatisfy { invariants.views[$0].last?.commit == last }
    }

    /// Another process of a node appears, on a copy of its disk, at an address that nobody calls.
    func startCopy(of number: Int) -> SimulatedNode {
        let copy = SimulatedNode(
            number: nodes.count, id: nodes[number].id, disk: DiskState(copyOf: nodes[number].disk),
            clock: NodeClock(rate: 1_000_000))
        copy.isCopy = true
        nodes.append(copy)
        invariants.addCopy()
        start(copy)
        return copy
    }
}
