import Primitives
import Raft

/// The table as part of a snapshot, little-endian: the entry index of the newest evicted key (8 bytes),
/// the number of keys (4), and the keys in the order of the log. A key is its entry's index (8) and term
/// (8), the command's fingerprint (8), the verdict (1), the lengths of key (1) and outcome (2), the key
/// and the outcome.
extension KeyTable {
    /// How many bytes the table takes.
    var byteCount: Int {
        chunks.reduce(12) { $0 + $1.bytes.count } - firstRange.lowerBound
    }

    /// Appends the table's bytes.
    func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: newestEvicted.number)
        bytes.append(littleEndian: UInt32(count))
        for (position, chunk) in chunks.enumerated() {
            let evicted = position == 0 ? firstRange.lowerBound : 0
            bytes.append(contentsOf: chunk.bytes[evicted...])
        }
    }

    /// Where the oldest key's record lies in its chunk.
    private var firstRange: Range<Int> {
        count == 0 ? 0..<0 : chunks[0].range(Int(oldestNumber % KeyTable.chunkLength))
    }

    /// Reads a table of that capacity and seed after `last`; nil for bytes that none has. `isOutcome` says
    /// whether verdict and outcome are what an engine keeps.
    ///
    /// A table that is not full may have evicted keys, too: one that was restored begins without any.
    init?(
        _ reader: inout ByteReader, of bytes: [UInt8], capacity: Int, seed: UInt64, last: EntryID,
        isOutcome: (UInt8, [UInt8], Range<Int>) -> Bool
    ) {
        guard let newestEvicted = reader.read(UInt64.self).map(LogIndex.init(_:)),
            let count = reader.read(UInt32.self).map(Int.init(_:)), count <= capacity
        else { return nil }
        self.init(capacity: capacity, seed: seed, newestEvicted: newestEvicted)
        var previous = EntryID(index: newestEvicted, term: .zero)
        for _ in 0..<count {
            guard let entry = readRecord(&reader, of: bytes, isOutcome: isOutcome),
                entry.index > previous.index, entry.term >= previous.term, entry.term > .zero
            else { return nil }
            previous = entry
        }
        guard previous.index <= last.index, previous.term <= last.term else { return nil }
    }

    /// Takes in one record and says of which entry it is; nil for bytes that are none.
    private mutating func readRecord(
        _ reader: inout ByteReader, of bytes: [UInt8],
        isOutcome: (UInt8, [UInt8], Range<Int>) -> Bool
    ) -> EntryID? {
        guard let index = reader.read(UInt64.self), let term = reader.read(UInt64.self),
            let fingerprint = reader.read(UInt64.self), let verdict = reader.read(UInt8.self),
            let keyLength = reader.read(UInt8.self), let outcomeLength = reader.read(UInt16.self),
            let key = reader.skip(count: Int(keyLength)),
            let outcome = reader.skip(count: Int(outcomeLength)),
            WriteGuard.isKey(bytes[key]), isOutcome(verdict, bytes, outcome),
            LogIndex(index) > max(newest.index, newestEvicted), record(of: bytes, key) == nil
        else { return nil }
        let entry = EntryID(index: LogIndex(index), term: Term(term))
        insert(
            bytes, key, entry: entry, fingerprint: fingerprint, verdict: verdict,
            outcome: Array(bytes[outcome]))
        return entry
    }
}
