import Primitives
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720 appendix B.4 and the customary check value.
    @Test func knownValues() {
        func checksum(_ bytes: [UInt8]) -> UInt32 {
            var checksum = CRC32C()
            checksum.update(bytes.span)
            return checksum.value
        }
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(checksum([]) == 0)
    }

    @Test func piecesGiveTheSameAsTheWhole() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var whole = CRC32C()
        whole.update(bytes.span)
        for cut in 0...bytes.count {
            var pieces = CRC32C()
            pieces.update(Array(bytes[..<cut]).span)
            pieces.update(Array(bytes[cut...]).span)
            #expect(pieces.value == whole.value)
        }
        var number = CRC32C()
        number.update(UInt64(0x0706_0504_0302_0100))
        var spelt = CRC32C()
        spelt.update(([0, 1, 2, 3, 4, 5, 6, 7] as [UInt8]).span)
        #expect(number.value == spelt.value)
    }
}

@Suite struct NodeIDTests {
    @Test func namesAreKeptAndSortedAsText() throws {
        let names = ["a", "B", "n1", "n10", "n2", "x.y_z-0", String(repeating: "z", count: 32)]
        for name in names { #expect(try #require(NodeID(name)).description == name) }
        let sorted = names.compactMap { NodeID($0) }.sorted().map(\.description)
        #expect(sorted == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    }

    @Test(arguments: ["", "a b", "ä", "a/b", String(repeating: "z", count: 33), "a\0"])
    func othersAreRefused(text: String) {
        #expect(NodeID(text) == nil)
    }
}

@Suite struct RingBufferTests {
    @Test func behavesLikeAnArray() {
        var random = RandomSource(seed: 1)
        var ring = RingBuffer<Int>(capacity: 1)
        var model: [Int] = []
        for step in 0..<2_000 {
            switch random.below(5) {
            case 0: #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            case 1: #expect(ring.popLast() == model.popLast())
            default:
                ring.append(step)
                model.append(step)
            }
            #expect(ring.count == model.count && ring.first == model.first)
            #expect(ring.last == model.last)
            #expect((0..<ring.count).map { ring[$0] } == model)
            if random.below(200) == 0 {
                ring.removeAll()
                model = []
            }
        }
    }
}

@Suite struct ByteTests {
    @Test func whatIsWrittenIsRead() throws {
        var writer = ByteWriter()
        writer.write(UInt8(7))
        writer.write(UInt16(0x0102))
        writer.write(Int64(-5))
        writer.write(UInt64.max)
        writer.writeShort([9, 8])
        writer.overwrite(UInt16(0xBEEF), at: 1)
        var reader = ByteReader(writer.bytes)
        #expect(reader.read(UInt8.self) == 7)
        #expect(reader.read(UInt16.self) == 0xBEEF)
        #expect(reader.read(Int64.self) == -5)
        #expect(reader.read(UInt64.self) == .max)
        #expect(reader.readShort() == [9, 8])
        #expect(reader.remaining == 0 && reader.read(UInt8.self) == nil)
    }

    @Test func tooFewBytesTakeNothing() {
        var reader = ByteReader([5, 1, 2])
        #expect(reader.readShort() == nil)
        #expect(reader.read(UInt32.self) == nil)
        #expect(reader.position == 0 && reader.remaining == 3)
    }
}

@Suite struct TimeTests {
    @Test func aDeadlineThatNeverComesStaysAway() {
        #expect(Instant.never + .milliseconds(5) == .never)
        #expect(Instant.origin.since(.never) == .zero)
        #expect((Instant.origin + .milliseconds(7)).since(.origin).wholeMilliseconds == 7)
    }

    @Test func randomLengthsStayInRange() {
        var random = RandomSource(seed: 3)
        let range = Timespan.milliseconds(150)...Timespan.milliseconds(300)
        for _ in 0..<1_000 { #expect(range.contains(random.timespan(in: range))) }
    }
}
