import Calculator
import Primitives
import Replica
import Testing

/// Guarded commands as bytes.
struct EnvelopeTests {
    private static let command = Calculator.Command.add(7)
    private static let commandBytes: [UInt8] = [2, 7, 0, 0, 0, 0, 0, 0, 0]

    private static func bytes(_ writeGuard: WriteGuard) -> [UInt8] {
        var bytes: [UInt8] = []
        Envelope.append(writeGuard, to: &bytes) { command.append(to: &$0) }
        return bytes
    }

    @Test func bytesAreAsSpecified() {
        let key = Array("ab".utf8)
        #expect(Self.bytes(WriteGuard(key: key)) == [1, 1, 2, 97, 98] + Self.commandBytes)
        #expect(
            Self.bytes(WriteGuard(key: key, firstIndex: 0x0102))
                == [1, 3, 2, 97, 98, 2, 1, 0, 0, 0, 0, 0, 0] + Self.commandBytes)
        #expect(
            Self.bytes(WriteGuard(condition: [5])) == [1, 4, 1, 5, 0, 0, 0, 0, 0, 0, 0]
                + Self.commandBytes)
        #expect(Self.bytes(WriteGuard(condition: [])) == [1, 4, 0] + Self.commandBytes)
        #expect(
            Self.bytes(WriteGuard(firstIndex: 9, condition: [])) == [1, 4, 0] + Self.commandBytes,
            "a first index counts only with a key")
    }

    @Test func guardsComeBack() throws {
        var random = RandomSource(seed: 31)
        for _ in 0..<2_000 {
            let writeGuard = WriteGuard.random(from: &random)
            if writeGuard.isEmpty { continue }
            let bytes = [9] + Self.bytes(writeGuard) + [9]
            let envelope = try #require(Envelope(bytes, 1..<bytes.count - 1))
            #expect(Array(bytes[envelope.key]) == writeGuard.key)
            #expect(envelope.firstIndex == (writeGuard.key.isEmpty ? nil : writeGuard.firstIndex))
            #expect(envelope.condition == writeGuard.condition)
            #expect(Array(bytes[envelope.command]) == Self.commandBytes)
            // All but the command's own bytes are needed.
            for end in 1..<envelope.command.lowerBound {
                #expect(Envelope(bytes, 1..<end) == nil)
            }
        }
    }

    @Test(
        arguments: [
            [], [1], [2, 1, 1, 97], [0, 1, 1, 97],
            // Flags: none, a first index without a key, unknown ones.
            [1, 0], [1, 2] + [UInt8](repeating: 0, count: 8),
            [1, 6] + [UInt8](repeating: 0, count: 9), [1, 9, 1, 97], [1, 0x81, 1, 97],
            // Keys: empty, too long, not of visible ASCII, cut off.
            [1, 1, 0], [1, 1, 65] + [UInt8](repeating: 97, count: 65), [1, 1, 1, 0x20],
            [1, 1, 1, 0x7F], [1, 1, 1, 0xE4], [1, 1, 2, 97],
            // Conditions: too many indices, cut off.
            [1, 4, 17] + [UInt8](repeating: 0, count: 17 * 8), [1, 4],
            [1, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func otherBytesAreRefused(bytes: [UInt8]) {
        #expect(Envelope(bytes, bytes.indices) == nil)
    }

    /// Whatever a peer sends is answered, and what is taken has one spelling.
    @Test func anyBytesAreReadOrRefused() {
        var random = RandomSource(seed: 32)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Self.bytes(WriteGuard(key: Array("key".utf8), condition: [1, 2]))
            for _ in 0...random.below(3) {
                bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes.removeLast(random.below(bytes.count))
            guard let envelope = Envelope(bytes, bytes.indices) else { continue }
            accepted += 1
            let writeGuard = WriteGuard(
                key: Array(bytes[envelope.key]), firstIndex: envelope.firstIndex,
                condition: envelope.condition)
            var again: [UInt8] = []
            Envelope.append(writeGuard, to: &again) {
                $0.append(contentsOf: bytes[envelope.command])
            }
            #expect(again == bytes)
        }
        #expect(accepted > 1_000)
    }

    @Test func keysAreVisibleASCII() {
        #expect(!WriteGuard.isKey([]))
        #expect(WriteGuard.isKey(Array(repeating: 0x7E, count: 64)))
        #expect(!WriteGuard.isKey(Array(repeating: 0x7E, count: 65)))
        for byte in UInt8.min...UInt8.max {
            #expect(WriteGuard.isKey([0x61, byte]) == (0x21...0x7E).contains(byte))
        }
    }
}

extension WriteGuard {
    /// Keys of few different letters, so that some come again.
    static func random(from random: inout RandomSource) -> WriteGuard {
        var key: [UInt8] = []
        if random.chance(3, in: 4) {
            for _ in 0...random.below(random.chance(1, in: 16) ? 64 : 2) {
                key.append(UInt8(0x61 + random.below(4)))
            }
        }
        var condition: [UInt64]?
        if random.chance(1, in: 3) {
            condition = (0..<random.below(17)).map { _ in UInt64(random.below(200)) }
        }
        return WriteGuard(
            key: key, firstIndex: random.chance(1, in: 2) ? UInt64(random.below(100)) : nil,
            condition: condition)
    }
}
