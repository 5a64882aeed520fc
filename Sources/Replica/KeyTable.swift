import Primitives
import Raft

/// The newest idempotency keys, and what first came of the command under each.
///
/// Keys come and go in the order of the log, whatever their hashes, so the table is the same on every
/// node. Their records lie flat in chunks of 1,024: a copy of the table shares them all, and a change
/// to either copies the newest chunk only.
@usableFromInline
struct KeyTable: Sendable {
    /// What is kept for a key, and where.
    @usableFromInline
    struct Record {
        /// The first entry with the key.
        @usableFromInline var entry: EntryID
        /// Of the first command with the key.
        @usableFromInline var fingerprint: UInt64
        /// What was decided about it.
        @usableFromInline var verdict: UInt8
        fileprivate var chunk: Int
        fileprivate var key: Range<Int>
        fileprivate var outcome: Range<Int>
    }

    /// Records one after the other, each in the bytes that a snapshot has, and where each ends.
    struct Chunk: Sendable {
        var bytes: [UInt8] = []
        var ends: [UInt32] = []

        func range(_ slot: Int) -> Range<Int> {
            (slot == 0 ? 0 : Int(ends[slot - 1]))..<Int(ends[slot])
        }
    }

    static let chunkLength: UInt32 = 1_024

    /// How many keys are kept.
    let capacity: Int
    /// Where in the index a key stands, whoever chose it, depends on this too: with a seed that clients
    /// don't know nobody can crowd one place. It decides nothing else.
    private let seed: UInt64
    /// How many keys there are.
    @usableFromInline private(set) var count = 0
    /// The entry index of the newest key that was evicted; zero if none was.
    @usableFromInline private(set) var newestEvicted = LogIndex.zero
    /// The entry of the newest key.
    private(set) var newest = EntryID.zero

    // Keys are numbered as they come; the numbers wrap around. The chunks hold whole thousands.
    private(set) var oldestNumber: UInt32 = 0
    private(set) var chunks: [Chunk] = []
    private var slots = KeySlots()

    /// A table of no keys that comes to hold that many, and has evicted the key of that index.
    @usableFromInline
    init(capacity: Int, seed: UInt64 = 0, newestEvicted: LogIndex = .zero) {
        precondition(capacity > 0 && capacity <= 1 << 24, "a table of \(capacity) keys")
        self.capacity = capacity
        self.seed = seed
        self.newestEvicted = newestEvicted
    }

    /// What is kept for the key in that range of `bytes`.
    @usableFromInline
    func record(of bytes: [UInt8], _ key: Range<Int>) -> Record? {
        guard count > 0 else { return nil }
        let number = slots.find(hash(bytes, key)) { number in
            let record = record(number)
            return record.key.count == key.count
                && chunks[record.chunk].bytes[record.key].elementsEqual(bytes[key])
        }
        return number.map { record($0) }
    }

    /// Hands the outcome kept for a key to `body`.
    @usableFromInline
    func withOutcome<Value>(of record: Record, _ body: ([UInt8], Range<Int>) -> Value) -> Value {
        body(chunks[record.chunk].bytes, record.outcome)
    }

    /// Keeps what came of a command under a key that is not known. Where the table is full, its oldest
    /// key is evicted.
    @usableFromInline
    mutating func insert(
        _ bytes: [UInt8], _ key: Range<Int>, entry: EntryID, fingerprint: UInt64, verdict: UInt8,
        outcome: [UInt8]
    ) {
        precondition(entry.index > newest.index, "a key of \(entry) after one of \(newest)")
        if count == capacity { evictOldest() }
        let number = oldestNumber &+ UInt32(count)
        if number % KeyTable.chunkLength == 0 { openChunk() }
        append(
            bytes, key, entry: entry, fingerprint: fingerprint, verdict: verdict, outcome: outcome)
        slots.insert(hash(bytes, key), number)
        newest = entry
        count += 1
    }

    private func hash(_ bytes: [UInt8], _ key: Range<Int>) -> UInt32 {
        var digest = Digest()
        digest.mix(seed, 0)
        digest.mix(bytes, key)
        return UInt32(truncatingIfNeeded: digest.value)
    }

    // MARK: Records

    /// How many bytes a record takes beside key and outcome.
    static let head = 28

    private mutating func append(
        _ bytes: [UInt8], _ key: Range<Int>, entry: EntryID, fingerprint: UInt64, verdict: UInt8,
        outcome: [UInt8]
    ) {
        let chunk = chunks.count - 1
        chunks[chunk].bytes.append(littleEndian: entry.index.number)
        chunks[chunk].bytes.append(littleEndian: entry.term.number)
        chunks[chunk].bytes.append(littleEndian: fingerprint)
        chunks[chunk].bytes.append(verdict)
        chunks[chunk].bytes.append(UInt8(key.count))
        chunks[chunk].bytes.append(littleEndian: UInt16(outcome.count))
        chunks[chunk].bytes.append(contentsOf: bytes[key])
        chunks[chunk].bytes.append(contentsOf: outcome)
        chunks[chunk].ends.append(UInt32(chunks[chunk].bytes.count))
    }

    /// What is kept for the key of that number.
    private func record(_ number: UInt32) -> Record {
        let (chunk, range) = place(of: number)
        let bytes = chunks[chunk].bytes
        let span = bytes.span
        let start = range.lowerBound
        let keyStart = start + KeyTable.head
        let outcomeStart = keyStart + Int(span[start + 25])
        return Record(
            entry: EntryID(
                index: LogIndex(span.littleEndian(UInt64.self, at: start)),
                term: Term(span.littleEndian(UInt64.self, at: start + 8))),
            fingerprint: span.littleEndian(UInt64.self, at: start + 16), verdict: span[start + 24],
            chunk: chunk, key: keyStart..<outcomeStart, outcome: outcomeStart..<range.upperBound)
    }

    private func place(of number: UInt32) -> (chunk: Int, range: Range<Int>) {
        let first = oldestNumber - oldestNumber % KeyTable.chunkLength
        let offset = Int(number &- first)
        let chunk = offset / Int(KeyTable.chunkLength)
        return (chunk, chunks[chunk].range(offset % Int(KeyTable.chunkLength)))
    }

    private mutating func openChunk() {
        if let full = chunks.last {
            // An array grows by doubling; one with reserved room is as large as what it holds.
            var exact: [UInt8] = []
            exact.reserveCapacity(full.bytes.count)
            exact.append(contentsOf: full.bytes)
            chunks[chunks.count - 1].bytes = exact
        }
        chunks.append(Chunk())
    }

    private mutating func evictOldest() {
        let record = record(oldestNumber)
        let hash = self.hash(chunks[record.chunk].bytes, record.key)
        slots.remove(hash, oldestNumber)
        newestEvicted = record.entry.index
        oldestNumber &+= 1
        count -= 1
        if oldestNumber % KeyTable.chunkLength == 0 { chunks.removeFirst() }
    }
}
