import Primitives

/// What an entry of the log is for.
public enum EntryKind: UInt8, Sendable {
    /// The entry that every leader appends at the start of its term (Raft §8); it changes nothing.
    case noOperation = 0
    /// A command for the state machine.
    case command = 1
    /// What the cluster can do from here on: a `FeatureLevel`, two bytes.
    case featureLevel = 2
    /// A command in an envelope, which says under which idempotency key and on which condition it is
    /// carried out. Feature level 2.
    case envelope = 3
}

/// A run of consecutive entries in one flat buffer, as a message carries it.
///
/// An entry is its term (8 bytes), its kind (1), the length of its payload (4) and the payload,
/// little-endian. The index of the first entry is not part of the batch: it follows the message's
/// `previous`.
public struct EntryBatch: Hashable, Sendable {
    /// How many bytes an entry takes beside its payload.
    public static let overhead = 13

    /// How many entries the batch holds.
    public private(set) var count: Int
    /// The entries, one after the other.
    public private(set) var bytes: [UInt8]

    /// A batch of no entries.
    public init() {
        count = 0
        bytes = []
    }

    /// The batch that `bytes` spell, or nil where they are not whole entries of known kinds with
    /// terms that never fall.
    public init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        var count = 0
        var newest = Term.zero
        while reader.remaining > 0 {
            guard let term = reader.read(UInt64.self), let kind = reader.read(UInt8.self),
                let length = reader.read(UInt32.self), EntryKind(rawValue: kind) != nil,
                reader.skip(count: Int(length)) != nil, Term(term) >= newest
            else { return nil }
            newest = Term(term)
            count += 1
        }
        self.count = count
        self.bytes = bytes
    }

    /// Whether the batch holds no entry.
    public var isEmpty: Bool { count == 0 }

    /// Makes room for that many bytes.
    public mutating func reserve(bytes capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Adds an entry whose payload is a range of `source`.
    public mutating func append(
        term: Term, kind: EntryKind, payload: Range<Int>, of source: [UInt8]
    ) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: term.number >> shift))
        }
        bytes.append(kind.rawValue)
        let length = UInt32(payload.count)
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        bytes.append(contentsOf: source[payload])
        count += 1
    }

    /// The entry that starts at `offset` in `bytes`, with the range of its payload there; `offset`
    /// moves on to the next one. Nil at the end.
    public func entry(at offset: inout Int) -> (term: Term, kind: EntryKind, payload: Range<Int>)? {
        guard offset < bytes.count else { return nil }
        var term: UInt64 = 0
        for position in (0..<8).reversed() { term = term << 8 | UInt64(bytes[offset + position]) }
        var length = 0
        for position in (9..<13).reversed() { length = length << 8 | Int(bytes[offset + position]) }
        guard let kind = EntryKind(rawValue: bytes[offset + 8]) else {
            preconditionFailure("an unknown kind in a batch that was checked")
        }
        let start = offset + EntryBatch.overhead
        offset = start + length
        return (Term(term), kind, start..<offset)
    }
}

/// The payloads of commands that a client's host submits together, one after the other.
public struct Payloads: Hashable, Sendable {
    @usableFromInline var buffer: [UInt8] = []
    @usableFromInline var bounds: [Int] = []
    @usableFromInline var kindList: [EntryKind] = []

    /// All payloads without a gap.
    public var bytes: [UInt8] { buffer }
    /// Where each payload ends in `bytes`.
    public var ends: [Int] { bounds }
    /// Of which kind the entry of each payload is to be.
    public var kinds: [EntryKind] { kindList }

    /// No payloads.
    public init() {}

    /// How many payloads there are.
    public var count: Int { bounds.count }

    /// Whether there are none.
    public var isEmpty: Bool { bounds.isEmpty }

    /// Where the payload at `position` lies in `bytes`.
    public func range(at position: Int) -> Range<Int> {
        (position == 0 ? 0 : bounds[position - 1])..<bounds[position]
    }

    /// Adds one payload for an entry of that kind: what `write` appends to the bytes.
    @inlinable
    public mutating func append(
        _ kind: EntryKind = .command, _ write: (inout [UInt8]) -> Void
    ) {
        write(&buffer)
        bounds.append(buffer.count)
        kindList.append(kind)
    }

    /// Takes the newest payload back.
    public mutating func removeLast() {
        bounds.removeLast()
        kindList.removeLast()
        buffer.removeSubrange((bounds.last ?? 0)...)
    }

    /// Drops all payloads and keeps the room they took.
    public mutating func removeAll() {
        buffer.removeAll(keepingCapacity: true)
        bounds.removeAll(keepingCapacity: true)
        kindList.removeAll(keepingCapacity: true)
    }
}
