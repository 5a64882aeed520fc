import Primitives
import Raft
import Testing

@testable import Replica

/// The table of idempotency keys, against a plain array.
struct KeyTableTests {
    struct Model {
        struct Row: Equatable {
            var key: [UInt8]
            var entry: EntryID
            var fingerprint: UInt64
            var verdict: UInt8
            var outcome: [UInt8]
        }

        let capacity: Int
        var rows: [Row] = []
        var newestEvicted: UInt64 = 0

        mutating func insert(_ row: Row) {
            rows.append(row)
            if rows.count > capacity { newestEvicted = rows.removeFirst().entry.index.number }
        }
    }

    private static func row(of table: KeyTable, _ key: [UInt8]) -> Model.Row? {
        table.record(of: key, key.indices).map { record in
            Model.Row(
                key: key, entry: record.entry, fingerprint: record.fingerprint,
                verdict: record.verdict,
                outcome: table.withOutcome(of: record) { Array($0[$1]) })
        }
    }

    private static func insert(_ row: Model.Row, into table: inout KeyTable) {
        // The key does not stand at the beginning of its bytes.
        let bytes = [1, 2] + row.key + [3]
        table.insert(
            bytes, 2..<2 + row.key.count, entry: row.entry, fingerprint: row.fingerprint,
            verdict: row.verdict, outcome: row.outcome)
    }

    private static func key(_ number: Int) -> [UInt8] { Array("key-\(number)".utf8) }

    private static func row(_ number: Int, at index: UInt64, _ random: inout RandomSource)
        -> Model.Row
    {
        Model.Row(
            key: key(number), entry: entry(index, term: 1 + index / 50), fingerprint: random.next(),
            verdict: UInt8(random.below(2)),
            outcome: (0..<random.below(20)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    /// Few keys for the capacity, so that evicted ones come again; and many.
    @Test(arguments: [(1, 3, 300), (8, 12, 3_000), (8, 64, 6_000), (1_000, 2_000, 6_000)])
    func itHoldsWhatAnArrayHolds(capacity: Int, keys: Int, rounds: Int) {
        var random = RandomSource(seed: UInt64(capacity * 1_000 + keys))
        var table = KeyTable(capacity: capacity)
        var model = Model(capacity: capacity)
        var index: UInt64 = 0
        var hits = 0
        for _ in 0..<rounds {
            let number = random.below(keys)
            let known = model.rows.first { $0.key == Self.key(number) }
            #expect(Self.row(of: table, Self.key(number)) == known)
            if known != nil {
                hits += 1
            } else {
                index += 1 + UInt64(random.below(3))
                let row = Self.row(number, at: index, &random)
                Self.insert(row, into: &table)
                model.insert(row)
            }
            #expect(table.count == model.rows.count)
            #expect(table.newestEvicted.number == model.newestEvicted)
        }
        #expect(hits > rounds / 10)
        for number in 0..<keys {
            let known = model.rows.first { $0.key == Self.key(number) }
            #expect(Self.row(of: table, Self.key(number)) == known)
        }
    }

    /// A copy keeps what it held, whatever the other goes on to.
    @Test func copiesAreIndependent() {
        var random = RandomSource(seed: 42)
        var table = KeyTable(capacity: 1_500)
        var model = Model(capacity: 1_500)
        var copies: [(table: KeyTable, model: Model)] = []
        for number in 1...6_000 {
            let row = Self.row(number, at: UInt64(number), &random)
            Self.insert(row, into: &table)
            model.insert(row)
            if number % 700 == 0 { copies.append((table, model)) }
        }
        copies.append((table, model))
        for (table, model) in copies {
            #expect(table.count == model.rows.count)
            #expect(model.rows.allSatisfy { Self.row(of: table, $0.key) == $0 })
            let oldest = Int(model.rows[0].entry.index.number)
            for number in max(1, oldest - 100)..<oldest {
                #expect(Self.row(of: table, Self.key(number)) == nil, "evicted before the copy")
            }
            let next = Int(table.newest.index.number) + 1
            #expect(Self.row(of: table, Self.key(next)) == nil, "inserted after the copy")
        }
    }

    @Test func theOldestOfTheLastSixtyFiveThousandKeysIsKnown() {
        var table = KeyTable(capacity: EngineLimits.keys)
        let newest = EngineLimits.keys + 5_000
        for number in 1...newest {
            let key = Self.key(number)
            table.insert(
                key, key.indices, entry: entry(UInt64(number), term: 1),
                fingerprint: UInt64(number), verdict: 0, outcome: [])
        }
        #expect(table.count == EngineLimits.keys)
        #expect(table.newestEvicted == LogIndex(5_000))
        for number in 1...newest {
            let key = Self.key(number)
            let fingerprint = table.record(of: key, key.indices)?.fingerprint
            #expect(fingerprint == (number <= 5_000 ? nil : UInt64(number)))
        }
    }
}

/// The hashed index, with hashes that meet.
struct KeySlotsTests {
    @Test(arguments: [1, 2, 7, 40])
    func numbersAreFoundWhateverTheirHashes(hashes: Int) {
        var random = RandomSource(seed: UInt64(hashes))
        var slots = KeySlots()
        var model: [(hash: UInt32, number: UInt32)] = []
        // Neighbours at the end of the slots wrap around to the beginning.
        let base = UInt32.max - UInt32(hashes / 2)
        for number in UInt32(0)..<2_000 {
            if !model.isEmpty, random.chance(1, in: 2) || model.count > 100 {
                let gone = model.remove(at: random.below(model.count))
                slots.remove(gone.hash, gone.number)
                #expect(slots.find(gone.hash) { $0 == gone.number } == nil)
            }
            let hash = base &+ UInt32(random.below(hashes))
            slots.insert(hash, number)
            model.append((hash, number))
            for row in model {
                #expect(slots.find(row.hash) { $0 == row.number } == row.number)
            }
        }
    }
}
