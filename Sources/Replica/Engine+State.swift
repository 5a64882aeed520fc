import Primitives
import Raft

/// The engine as bytes, for snapshots.
extension Engine {
    private static var stateVersion: UInt8 { 1 }

    /// All that an engine holds, little-endian: version 1 (1 byte), index (8) and term (8) of the last
    /// entry applied, feature level (2), hash (8), the length of the machine's snapshot (4), that
    /// snapshot, the key table. It has no checksum; the file around it has.
    public func encodeState() -> [UInt8] {
        var writer = ByteWriter(capacity: stateSize)
        encodeState(into: &writer)
        return writer.bytes
    }

    /// How many bytes that are.
    public var stateSize: Int { 31 + state.snapshot.count + keys.byteCount }

    /// Writes the same behind what the writer holds: with many keys it is too much to be held twice.
    public func encodeState(into writer: inout ByteWriter) {
        let snapshot = state.snapshot
        writer.write(Engine.stateVersion)
        writer.write(last.index.number)
        writer.write(last.term.number)
        writer.write(currentLevel.number)
        writer.write(rollingHash)
        writer.write(UInt32(snapshot.count))
        writer.write(snapshot)
        keys.append(to: &writer.bytes)
    }

    /// The engine that `encodeState` gave those bytes; nil for any other bytes, among them those of a
    /// higher feature level than this program's or of more keys than `capacity`.
    public init?(
        state bytes: [UInt8], keys capacity: Int = EngineLimits.keys,
        checkpoint: UInt64 = EngineLimits.checkpoint, seed: UInt64 = 0
    ) {
        var reader = ByteReader(bytes)
        guard reader.read(UInt8.self) == Engine.stateVersion,
            let index = reader.read(UInt64.self), let term = reader.read(UInt64.self),
            (index == 0) == (term == 0),
            let level = reader.read(UInt16.self).map(FeatureLevel.init(_:)),
            level >= .initial, level <= .current, let hash = reader.read(UInt64.self),
            let length = reader.read(UInt32.self), let snapshot = reader.read(count: Int(length)),
            let machine = Machine(snapshot: snapshot), machine.lastChange <= index
        else { return nil }
        let last = EntryID(index: LogIndex(index), term: Term(term))
        let keys = KeyTable(&reader, of: bytes, capacity: capacity, seed: seed, last: last) {
            verdict, bytes, outcome in
            Engine.keeps(verdict) && Machine.Outcome(bytes: bytes, in: outcome) != nil
        }
        guard let keys, reader.remaining == 0 else { return nil }
        state = machine
        self.last = last
        currentLevel = level
        rollingHash = hash
        self.keys = keys
        checkpoints = Checkpoints(every: checkpoint, behind: last.index)
    }

    /// Whether commands of that verdict are remembered.
    private static func keeps(_ verdict: UInt8) -> Bool {
        verdict == Verdict.carriedOut.rawValue || verdict == Verdict.conditionFailed.rawValue
    }
}
