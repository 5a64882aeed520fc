/// The whole log of a server, in memory.
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

    @usableFromInline var chunks: [Chunk] = []
    private var terms = TermRuns()

    /// The index of the newest entry; zero for an empty log.
    public private(set) var lastIndex = LogIndex.zero

    /// The index of the oldest entry kept.
    public let firstIndex = LogIndex(1)

    /// An empty log.
    public init() {}

    /// What names the newest entry.
    public var last: EntryID { EntryID(index: lastIndex, term: term(at: lastIndex)) }

    /// The term of the entry at `index`, which is zero or in the log.
    public func term(at index: LogIndex) -> Term {
        if index == .zero { return .zero }
        precondition(index <= lastIndex, "no entry at \(index), the last is \(lastIndex)")
        return terms.term(at: index)
    }

    /// The term of the entry at `index`, which is in the log, in a walk from index to index: each step
    /// takes constant time, whatever the number of terms.
    public func term(at index: LogIndex, _ cursor: inout TermCursor) -> Term {
        precondition(index > .zero && index <= lastIndex, "no entry at \(index)")
        return terms.term(at: index, &cursor)
    }

    /// Whether the log holds the entry that `id` names; it holds `EntryID.zero` always.
    public func contains(_ id: EntryID) -> Bool {
        id.index <= lastIndex && term(at: id.index) == id.term
    }

    /// The last index, at most `limit`, whose entry is of `term` or an older one; zero if none is.
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
        return lastIndex
    }

    /// Drops the entry at `index` and all after it.
    public mutating func truncate(from index: LogIndex) {
        precondition(index > .zero, "truncating from \(index)")
        guard index <= lastIndex else { return }
        let (chunk, slot) = position(of: index)
        chunks.removeSubrange((chunk + 1)...)
        let kept = chunks[chunk].range(slot).lowerBound
        chunks[chunk].bytes.removeSubrange(kept...)
        chunks[chunk].ends.removeSubrange(slot...)
        if slot == 0 { chunks.removeLast() }
        terms.truncate(from: index)
        lastIndex = index.previous
    }

    /// Hands the entry at `index`, which must be in the log, to `body`: its kind, and a buffer with
    /// the range in it where the payload lies. The buffer must not be kept.
    @inlinable
    public func withEntry<Result>(
        at index: LogIndex, _ body: (EntryKind, [UInt8], Range<Int>) -> Result
    ) -> Result {
        precondition(index > .zero && index <= lastIndex, "no entry at \(index)")
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
    func batchBytes(of range: Range<LogIndex>) -> Int {
        guard !range.isEmpty else { return 0 }
        precondition(
            range.lowerBound > .zero && range.upperBound <= lastIndex.next, "no entries \(range)")
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
        let offset = Int(index.number - firstIndex.number)
        return (offset / EntryLog.chunkLength, offset % EntryLog.chunkLength)
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
