/// A server's log from its base on, in memory.
///
/// What lies at or below the base is committed and stands in a snapshot (Raft §7); of it only the
/// base's own name and the feature level are known. A log without a snapshot has `EntryID.zero` as
/// its base.
///
/// Entries lie flat in chunks of 512, a kind byte and the payload each, with four bytes for where
/// each ends; terms are kept as runs. A full chunk is cut to its size, so that an entry costs five
/// bytes over its payload. The log has one owner and is never copied.
public struct EntryLog: ~Copyable, Sendable {
    @usableFromInline
    struct Chunk: Sendable {
        /// How many bytes the chunks before this one hold.
        let start: Int
        @usableFromInline var bytes: [UInt8] = []
        @usableFromInline var ends: [UInt32] = []

        @inlinable
        func range(_ slot: Int) -> Range<Int> {
            (slot == 0 ? 0 : Int(ends[slot - 1]))..<Int(ends[slot])
        }
    }

    @usableFromInline static var chunkLength: Int { 512 }

    /// None where the log holds no entry; else the last one holds the newest. Those that lie wholly
    /// at or below the base are empty, or gone; the next one may hold entries from below the base.
    @usableFromInline var chunks: [Chunk] = []
    /// The index in the first slot of the first chunk.
    @usableFromInline var origin: LogIndex
    /// How many of the first chunks are empty.
    private var freedChunks = 0
    private var terms: TermRuns
    private var levels: LevelSteps

    /// The last entry that is not in the log but stands in the snapshot before it.
    public private(set) var base: EntryID

    /// The index of the newest entry; the base's for an empty log.
    public private(set) var lastIndex: LogIndex

    /// The index of the oldest entry kept, or of the next one for an empty log.
    @inlinable
    public var firstIndex: LogIndex { base.index.next }

    /// An empty log that begins behind `base`, with the feature level there.
    public init(base: EntryID = .zero, level: FeatureLevel = .initial) {
        self.base = base
        lastIndex = base.index
        origin = base.index.next
        terms = TermRuns(base: base)
        levels = LevelSteps(base: level)
    }

    /// What names the newest entry.
    public var last: EntryID { EntryID(index: lastIndex, term: term(at: lastIndex)) }

    /// The term of the entry at `index`, which is the base or in the log.
    public func term(at index: LogIndex) -> Term {
        precondition(
            index >= base.index && index <= lastIndex,
            "no entry at \(index) of a log from \(base) to \(lastIndex)")
        return terms.term(at: index)
    }

    /// The term of the entry at `index`, which is in the log, in a walk from index to index: each step
    /// takes constant time, whatever the number of terms.
    public func term(at index: LogIndex, _ cursor: inout TermCursor) -> Term {
        precondition(index > base.index && index <= lastIndex, "no entry at \(index)")
        return terms.term(at: index, &cursor)
    }

    /// The cluster's feature level once the entry at `index` is committed, which is the base or in the
    /// log.
    public func level(at index: LogIndex) -> FeatureLevel {
        precondition(
            index >= base.index && index <= lastIndex,
            "no level at \(index), the log goes from \(base) to \(lastIndex)")
        return levels.level(at: index)
    }

    /// The feature level at the log's end.
    public var level: FeatureLevel { levels.last }

    /// Whether the log holds the entry that `id` names, or held it: what lies below the base agrees
    /// with every log by definition, since it is committed.
    public func contains(_ id: EntryID) -> Bool {
        id.index < base.index || (id.index <= lastIndex && term(at: id.index) == id.term)
    }

    /// The last index, at most `limit`, whose entry is of `term` or an older one; the base's where none
    /// of those kept is. A `limit` below the base is the answer itself: nothing is known there.
    public func lastIndex(upTo limit: LogIndex, ofTermAtMost term: Term) -> LogIndex {
        terms.lastIndex(upTo: min(limit, lastIndex), ofTermAtMost: term)
    }

    /// Adds an entry at the end; its payload is a range of `source`. Returns its index.
    @discardableResult
    public mutating func append(
        term: Term, kind: EntryKind, payload: Range<Int>, of source: [UInt8]
    ) -> LogIndex {
        if chunks.isEmpty || chunks[chunks.count - 1].ends.count == EntryLog.chunkLength {
            openChunk()
        }
        let chunk = chunks.count - 1
        chunks[chunk].bytes.append(kind.rawValue)
        chunks[chunk].bytes.append(contentsOf: source[payload])
        chunks[chunk].ends.append(UInt32(chunks[chunk].bytes.count))
        lastIndex = lastIndex.next
        terms.append(term, at: lastIndex)
        if kind == .featureLevel, let level = FeatureLevel(payload: source, in: payload) {
            levels.append(level, at: lastIndex)
        }
        return lastIndex
    }

    /// Drops the entry at `index` and all after it.
    public mutating func truncate(from index: LogIndex) {
        precondition(index > base.index, "truncating from \(index) behind \(base)")
        guard index <= lastIndex else { return }
        terms.truncate(from: index)
        levels.truncate(from: index)
        lastIndex = index.previous
        if lastIndex == base.index { return dropChunks() }
        let (chunk, slot) = position(of: index)
        chunks.removeSubrange((chunk + 1)...)
        let kept = chunks[chunk].range(slot).lowerBound
        chunks[chunk].bytes.removeSubrange(kept...)
        chunks[chunk].ends.removeSubrange(slot...)
        if slot == 0 { chunks.removeLast() }
    }

    /// Makes the entry at `index`, which is the base or in the log, the base: a snapshot stands for all
    /// up to it. Takes constant time for each chunk of entries that it frees.
    public mutating func compact(through index: LogIndex) {
        precondition(index >= base.index, "compacting through \(index) behind \(base)")
        base = EntryID(index: index, term: term(at: index))
        terms.compact(to: base)
        levels.compact(through: index)
        if index == lastIndex { return dropChunks() }
        let (firstKept, _) = position(of: index.next)
        while freedChunks < firstKept {
            chunks[freedChunks] = Chunk(start: chunks[freedChunks].start)
            freedChunks += 1
        }
        // Moving the others up is paid for by those that were freed.
        guard freedChunks > chunks.count / 2 else { return }
        chunks.removeFirst(freedChunks)
        origin = origin.advanced(by: freedChunks * EntryLog.chunkLength)
        freedChunks = 0
    }

    /// Drops all entries: the log begins anew behind `base`, at that feature level.
    public mutating func reset(to base: EntryID, level: FeatureLevel) {
        self = EntryLog(base: base, level: level)
    }

    private mutating func dropChunks() {
        chunks.removeAll()
        freedChunks = 0
        origin = base.index.next
    }

    /// Hands the entry at `index`, which must be in the log, to `body`: its kind, and a buffer with
    /// the range in it where the payload lies. The buffer must not be kept.
    @inlinable
    public func withEntry<Result>(
        at index: LogIndex, _ body: (EntryKind, [UInt8], Range<Int>) -> Result
    ) -> Result {
        precondition(index > base.index && index <= lastIndex, "no entry at \(index)")
        let (chunk, slot) = position(of: index)
        let range = chunks[chunk].range(slot)
        guard let kind = EntryKind(rawValue: chunks[chunk].bytes[range.lowerBound]) else {
            preconditionFailure("an unknown kind at \(index)")
        }
        return body(kind, chunks[chunk].bytes, range.lowerBound + 1..<range.upperBound)
    }

    /// The length of the payload of the entry at `index`, in bytes.
    public func payloadLength(at index: LogIndex) -> Int {
        let (chunk, slot) = position(of: index)
        return chunks[chunk].range(slot).count - 1
    }

    /// How many bytes the entries of `range`, which are in the log, take in batches. Constant time.
    public func batchBytes(of range: Range<LogIndex>) -> Int {
        guard !range.isEmpty else { return 0 }
        precondition(
            range.lowerBound > base.index && range.upperBound <= lastIndex.next,
            "no entries \(range)")
        // A kind byte stands in the log for what an entry takes beside its payload in a batch.
        return offset(of: range.upperBound) - offset(of: range.lowerBound)
            + range.count * (EntryBatch.overhead - 1)
    }

    /// How many bytes of the log lie before the entry at `index`, or before its end.
    private func offset(of index: LogIndex) -> Int {
        guard index <= lastIndex else {
            return chunks.isEmpty
                ? 0 : chunks[chunks.count - 1].start + chunks[chunks.count - 1].bytes.count
        }
        let (chunk, slot) = position(of: index)
        return chunks[chunk].start + chunks[chunk].range(slot).lowerBound
    }

    /// Copies entries from `first` on into a batch, as many as fit `maximumBytes` and at most
    /// `maximumCount`, but at least one where there is one.
    public func batch(from first: LogIndex, maximumCount: Int, maximumBytes: Int) -> EntryBatch {
        precondition(first > base.index, "a batch from \(first) behind \(base)")
        var batch = EntryBatch()
        let end = min(lastIndex.next, first.advanced(by: maximumCount))
        // Room for all of it at once: a batch that grows by doubling is copied over and over.
        if first < end { batch.reserve(bytes: min(maximumBytes, batchBytes(of: first..<end))) }
        var index = first
        var size = 0
        var cursor = TermCursor()
        while index <= lastIndex, batch.count < maximumCount {
            size += payloadLength(at: index) + EntryBatch.overhead
            if size > maximumBytes && !batch.isEmpty { break }
            let term = term(at: index, &cursor)
            withEntry(at: index) { kind, bytes, payload in
                batch.append(term: term, kind: kind, payload: payload, of: bytes)
            }
            index = index.next
        }
        return batch
    }

    @inlinable
    func position(of index: LogIndex) -> (chunk: Int, slot: Int) {
        let offset = Int(index.number - origin.number)
        return (offset / EntryLog.chunkLength, offset % EntryLog.chunkLength)
    }

    /// From which index on the log is to be kept so that `entries` of those up to `last`, and no more than
    /// `bytes` in batches, are; at most the one behind `last`.
    func start(ofTrail entries: Int, bytes: Int, through last: LogIndex) -> LogIndex {
        let end = last.next
        var first = firstIndex
        if first.distance(to: end) > entries { first = end.advanced(by: -entries) }
        // The fewer entries, the fewer bytes: a binary search for the first from which they fit.
        var rest = first.distance(to: end)
        while rest > 0 {
            let middle = first.advanced(by: rest / 2)
            if batchBytes(of: middle..<end) <= bytes {
                rest /= 2
            } else {
                rest -= rest / 2 + 1
                first = middle.next
            }
        }
        return first
    }

    private mutating func openChunk() {
        if !chunks.isEmpty {
            // An array grows by doubling; one with reserved room is as large as what it holds.
            let grown = chunks[chunks.count - 1].bytes
            var exact: [UInt8] = []
            exact.reserveCapacity(grown.count)
            exact.append(contentsOf: grown)
            chunks[chunks.count - 1].bytes = exact
        }
        var chunk = Chunk(start: offset(of: lastIndex.next))
        chunk.ends.reserveCapacity(EntryLog.chunkLength)
        chunks.append(chunk)
    }
}
