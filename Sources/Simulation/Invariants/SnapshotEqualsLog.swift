import Calculator
import Raft
import Replica
import WriteAheadLog

/// A snapshot is what an engine comes to that applies the whole log up to the same entry: value, keys,
/// feature level and hash (Raft §7). It is read back from its bytes.
final class SnapshotEqualsLog {
    /// How many entries lie between two engines that are kept.
    private static let stride: UInt64 = 256

    private let capacity: Int
    private var log = EntryLog()
    /// The engine before the first entry, and after every 256th.
    private var engines: [Engine<Calculator>]

    init(keys capacity: Int) {
        self.capacity = capacity
        engines = [Engine(keys: capacity)]
    }

    /// A node has a snapshot, its own or its leader's.
    func check(_ snapshot: Snapshot, node: Int, committed: CommittedLog) -> String? {
        let index = snapshot.last.index
        guard index <= committed.lastIndex, committed[index].term == snapshot.last.term else {
            return """
                Snapshot Equals Log: n\(node + 1) has a snapshot that ends with \(index.number) of term \
                \(snapshot.last.term.number), which is not committed
                """
        }
        follow(committed)
        let right = engine(at: index)
        guard let file = try? SnapshotFile.decode(snapshot.bytes), file.last == snapshot.last,
            file.level == right.level,
            let read = Engine<Calculator>(state: file.state, keys: capacity)
        else { return "Snapshot Equals Log: n\(node + 1) has a snapshot that is none" }
        if read.applied == right.applied, read.machine == right.machine, read.hash == right.hash,
            read.level == right.level, read.keyCount == right.keyCount,
            file.state == right.encodeState()
        {
            return nil
        }
        return """
            Snapshot Equals Log: n\(node + 1) has a snapshot through \(index.number) with the value \
            \(read.machine.value), \(read.keyCount) keys and hash \(read.hash), where the log comes to \
            \(right.machine.value), \(right.keyCount) keys and hash \(right.hash)
            """
    }

    private func follow(_ committed: CommittedLog) {
        while log.lastIndex < committed.lastIndex {
            let entry = committed[log.lastIndex.next]
            let bytes = entry.payload.bytes
            _ = log.append(
                term: entry.term, kind: entry.payload.kind, payload: 0..<bytes.count, of: bytes)
        }
        while UInt64(engines.count) * Self.stride <= log.lastIndex.number {
            var engine = engines[engines.count - 1]
            engine.apply(through: LogIndex(UInt64(engines.count) * Self.stride), of: log)
            engines.append(engine)
        }
    }

    private func engine(at index: LogIndex) -> Engine<Calculator> {
        var engine = engines[Int(index.number / Self.stride)]
        engine.apply(through: index, of: log)
        return engine
    }
}
