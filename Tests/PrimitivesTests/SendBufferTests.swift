import Primitives
import Testing

struct SendBufferTests {
    private struct Broken: Error {}

    @Test func `bytes leave in their order, as far as there is room`() {
        var buffer = SendBuffer([1, 2, 3])
        var taken: [UInt8] = []
        var room = 2
        func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
            let count = min(room, range.count)
            room -= count
            taken += bytes[range].prefix(count)
            return count == 0 ? nil : count
        }
        #expect(!buffer.flush(send) && buffer.count == 1)
        buffer.append([4, 5])
        #expect(!buffer.flush(send) && buffer.count == 3)
        room = 10
        #expect(buffer.flush(send) && buffer.isEmpty)
        #expect(taken == [1, 2, 3, 4, 5])
        #expect(buffer.flush { _, _ in nil }, "nothing is to be sent")
    }

    @Test func `what a broken stream has not taken waits`() {
        var buffer = SendBuffer([1, 2, 3])
        var calls = 0
        #expect(throws: Broken.self) {
            try buffer.flush { _, _ throws(Broken) -> Int? in
                calls += 1
                if calls == 2 { throw Broken() }
                return 1
            }
        }
        #expect(buffer.count == 2)
    }

    @Test func `room is given back after a peak`() {
        var buffer = SendBuffer(keptCapacity: 1_000)
        buffer.append(repeatElement(7, count: 100))
        #expect(buffer.flush { $1.count })
        #expect(buffer.bytes.capacity >= 100, "a small one is kept")
        buffer.append(repeatElement(7, count: 100_000))
        #expect(buffer.flush { $1.count })
        #expect(buffer.bytes.capacity == 0)
    }

    /// A peer that takes bytes as fast as they are appended, and never all of them.
    @Test func `what is sent does not pile up`() {
        var buffer = SendBuffer(keptCapacity: 1_000)
        var next: UInt8 = 0
        var expected: UInt8 = 0
        for _ in 0..<10_000 {
            for _ in 0..<100 {
                buffer.bytes.append(next)
                next &+= 1
            }
            var room = 100
            if buffer.count < 300 { room = 50 }
            let isWhole = buffer.flush { bytes, range in
                let count = min(room, range.count)
                for byte in bytes[range].prefix(count) {
                    if byte != expected { Issue.record("\(byte) instead of \(expected)") }
                    expected = byte &+ 1
                }
                room -= count
                return count == 0 ? nil : count
            }
            #expect(!isWhole)
            if buffer.bytes.count > 3_000 { Issue.record("\(buffer.bytes.count) bytes") }
        }
    }
}
