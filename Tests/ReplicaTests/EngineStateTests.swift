import Calculator
import Primitives
import Raft
import Replica
import Testing

/// The engine's hash, and the engine as bytes.
struct EngineStateTests {
    /// An engine that went through a snapshot goes on as one that did not, whatever their seeds.
    @Test(arguments: 1...10)
    func aSnapshotChangesNothing(seed: Int) throws {
        var random = RandomSource(seed: UInt64(seed))
        let capacity = 1 + random.below(12)
        let entries = randomEntries(400, from: &random)
        let log = log(entries)
        var whole = CalculatorEngine(keys: capacity, seed: random.next())
        var restored = CalculatorEngine(keys: capacity)
        for index in 1...UInt64(entries.count) {
            let first = whole.apply(through: LogIndex(index), of: log)
            let second = restored.apply(through: LogIndex(index), of: log)
            #expect(first == second)
            #expect(whole.hash == restored.hash)
            if random.chance(1, in: 5) {
                let bytes = restored.encodeState()
                #expect(bytes == whole.encodeState())
                restored = try #require(
                    CalculatorEngine(state: bytes, keys: capacity, seed: random.next()))
                #expect(restored.encodeState() == bytes)
            }
        }
        #expect(restored.applied == whole.applied && restored.level == whole.level)
        #expect(restored.machine == whole.machine && restored.keyCount == whole.keyCount)
    }

    @Test func aNewEngineComesBack() throws {
        let engine = CalculatorEngine()
        let again = try #require(CalculatorEngine(state: engine.encodeState()))
        #expect(again.applied == .zero && again.hash == engine.hash && again.level == .initial)
    }

    @Test func bytesAreAsSpecified() {
        let (engine, _) = applied(
            [
                envelope(.add(1), key("a")), envelope(.add(1), key("bc")),
            ], keys: 1)
        var expected = ByteWriter()
        expected.write(UInt8(1))
        expected.write(UInt64(2))
        expected.write(UInt64(1))
        expected.write(UInt16(1))
        expected.write(engine.hash)
        expected.write(UInt32(engine.machine.snapshot.count))
        expected.write(engine.machine.snapshot)
        expected.write(UInt64(1))
        expected.write(UInt32(1))
        expected.write(UInt64(2))
        expected.write(UInt64(1))
        let bytes = engine.encodeState()
        // The command's fingerprint is looked at by its use alone.
        let fingerprint = expected.count..<expected.count + 8
        expected.write(Array(bytes[fingerprint]))
        expected.write(UInt8(0))
        expected.write(UInt8(2))
        expected.write(UInt16(17))
        expected.write(Array("bc".utf8))
        Calculator.Outcome.changed(value: 2, index: 2).append(to: &expected.bytes)
        #expect(bytes == expected.bytes)
    }

    /// A copy, made to be encoded elsewhere, stays as it was.
    @Test func aCopyIsASnapshot() {
        var random = RandomSource(seed: 5)
        let entries = randomEntries(3_000, from: &random)
        let log = log(entries)
        var engine = CalculatorEngine(keys: 12)
        var copies: [(copy: CalculatorEngine, bytes: [UInt8])] = []
        for index in 1...UInt64(entries.count) {
            engine.apply(through: LogIndex(index), of: log)
            if index % 250 == 0 { copies.append((engine, engine.encodeState())) }
        }
        for (copy, bytes) in copies { #expect(copy.encodeState() == bytes) }
    }

    // MARK: What a peer or a file may hold

    private static func sample(keys capacity: Int = 6) -> [UInt8] {
        var random = RandomSource(seed: 6)
        return applied(randomEntries(120, from: &random), keys: capacity).0.encodeState()
    }

    @Test func cutAndLongerBytesAreRefused() {
        let bytes = Self.sample()
        #expect(CalculatorEngine(state: bytes, keys: 6) != nil)
        for length in bytes.indices {
            #expect(CalculatorEngine(state: Array(bytes[..<length]), keys: 6) == nil)
        }
        #expect(CalculatorEngine(state: bytes + [0], keys: 6) == nil)
    }

    @Test func aTableOfMoreKeysThanFitIsRefused() {
        let bytes = Self.sample()
        #expect(CalculatorEngine(state: bytes, keys: 5) == nil)
        // One with fewer, though keys were evicted, may have begun with a backup.
        #expect(CalculatorEngine(state: bytes, keys: 7)?.encodeState() == bytes)
    }

    @Test func aHigherLevelIsRefused() {
        var bytes = CalculatorEngine().encodeState()
        bytes.set(littleEndian: FeatureLevel.current.number, at: 17)
        #expect(CalculatorEngine(state: bytes)?.level == .current)
        bytes.set(littleEndian: FeatureLevel.current.number + 1, at: 17)
        #expect(CalculatorEngine(state: bytes) == nil)
        bytes.set(littleEndian: UInt16(0), at: 17)
        #expect(CalculatorEngine(state: bytes) == nil)
    }

    /// Changes anywhere: no trap, and what is taken is spelt in one way.
    @Test func anyBytesAreReadOrRefused() {
        let sample = Self.sample()
        var random = RandomSource(seed: 7)
        var (accepted, rejected) = (0, 0)
        for _ in 0..<20_000 {
            var bytes = sample
            for _ in 0...random.below(2) {
                let position = random.below(bytes.count)
                bytes[position] =
                    random.chance(1, in: 2)
                    ? bytes[position] ^ (1 << UInt8(random.below(8)))
                    : [0, 1, 0x7F, 0xFF][random.below(4)]
            }
            if let engine = CalculatorEngine(state: bytes, keys: 6) {
                accepted += 1
                #expect(engine.encodeState() == bytes)
            } else {
                rejected += 1
            }
        }
        #expect(accepted > 100 && rejected > 1_000)
    }

    // MARK: The hash

    /// One bit of an entry, its place or its term makes another hash, and so it stays.
    @Test func theHashTellsLogsApart() {
        let base: [Entry] = [
            command(.set(1), term: 1), command(.set(2), term: 1), envelope(.set(3), key("a")),
            command(.set(4), term: 1),
        ]
        var logs = [base, [noOperation(term: 1)] + base, Array(base.reversed())]
        for position in base.indices {
            for value in [Int64(9), .min, .max, -1] {
                var other = base
                other[position] = command(.set(value), term: 1)
                logs.append(other)
            }
            var other = base
            other.remove(at: position)
            logs.append(other)
            other = base
            for later in position..<base.count { other[later].term = Term(2) }
            logs.append(other)
        }
        logs.append(Array(base.dropLast()) + [envelope(.set(4), WriteGuard(condition: [3]))])
        logs.append(Array(base.dropLast()) + [envelope(.set(4), WriteGuard(condition: [2]))])
        // The same value at the end, after another one.
        let hashes = logs.map { applied($0 + [command(.set(0), term: 2)]).0.hash }
        for (position, hash) in hashes.enumerated() {
            #expect(!hashes[..<position].contains(hash), "log \(position)")
        }
    }

    /// Nodes compare it, so it never changes under a feature level.
    @Test func theHashIsAsItWas() {
        let (engine, _) = applied([
            noOperation(term: 1), command(.set(40), term: 1), envelope(.add(2), key("a"), term: 2),
            envelope(.add(2), key("a"), term: 2),
            Entry(term: Term(2), kind: .featureLevel, payload: FeatureLevel(2).payload),
        ])
        #expect(engine.hash == 15_225_169_753_329_457_553)
    }

    /// A bit flips in one node's memory; both go on with the same entries.
    @Test func aFlippedBitIsNoticedForEver() throws {
        let before = applied([command(.add(1), term: 1)]).0
        var bytes = before.encodeState()
        // The value stands behind the version in the machine's snapshot.
        let snapshot = 31..<31 + before.machine.snapshot.count
        bytes[snapshot.lowerBound + 4] ^= 2
        var checksum = CRC32C()
        checksum.update(bytes.span.extracting(snapshot.dropLast(4)))
        bytes.set(littleEndian: checksum.value, at: snapshot.upperBound - 4)
        var flipped = try #require(CalculatorEngine(state: bytes, keys: 8))
        #expect(flipped.machine.value == 3 && flipped.hash == before.hash)
        var engine = before
        let commands = [Calculator.Command.add(1), .set(7), .add(0), .set(0)]
        let log = log([command(.add(1), term: 1)] + commands.map { command($0, term: 1) })
        for index in UInt64(2)...5 {
            engine.apply(through: LogIndex(index), of: log)
            flipped.apply(through: LogIndex(index), of: log)
            #expect(engine.hash != flipped.hash, "also where the values are equal again")
        }
        #expect(engine.machine.value == flipped.machine.value)
    }
}
