import Posix
import Primitives
import Testing

@Suite struct PollerTests {
    static let token = PollToken(slot: 0xFFFF_0001, generation: 0x8000_0002)

    @Test func tokensKeepBothNumbers() {
        #expect(PollerTests.token.slot == 0xFFFF_0001)
        #expect(PollerTests.token.generation == 0x8000_0002)
        #expect(PollToken(packed: PollerTests.token.packed) == PollerTests.token)
    }

    @Test(arguments: Poller.Kind.allCases) func readinessStaysUntilItIsUsed(
        _ kind: Poller.Kind
    ) throws {
        var loop = try Loop(kind)
        let pipe = try Pipe()
        try loop.poller.register(
            pipe.readingEnd, token: PollerTests.token, interest: .readable)
        #expect(try loop.present().isEmpty)
        #expect(try ByteStream.write(pipe.writingEnd, [1, 2], 0..<2) == .bytes(2))
        let readable = [PollEvent(token: PollerTests.token, readable: true)]
        #expect(try loop.next() == readable)
        #expect(try loop.present() == readable)
        var bytes: [UInt8] = [0, 0, 0]
        #expect(try ByteStream.read(pipe.readingEnd, into: &bytes, at: 1) == .bytes(2))
        #expect(bytes == [0, 1, 2])
        #expect(try loop.present().isEmpty)
        #expect(try ByteStream.read(pipe.readingEnd, into: &bytes, at: 0) == .wouldBlock)
    }

    @Test(arguments: Poller.Kind.allCases) func interestAndTokenCanChange(
        _ kind: Poller.Kind
    ) throws {
        var loop = try Loop(kind)
        let pipe = try Pipe()
        let later = PollToken(slot: 7, generation: 1)
        let end = pipe.writingEnd
        try loop.poller.register(end, token: PollerTests.token, interest: .writable)
        #expect(try loop.present() == [PollEvent(token: PollerTests.token, writable: true)])
        try loop.poller.modify(end, token: later, interest: [])
        #expect(try loop.present().isEmpty)
        try loop.poller.modify(end, token: later, interest: [.readable, .writable])
        #expect(try loop.present() == [PollEvent(token: later, writable: true)])
        try loop.poller.remove(end)
        #expect(try loop.present().isEmpty)
    }

    @Test(arguments: Poller.Kind.allCases) func theRestIsWatchedAfterOneIsRemoved(
        _ kind: Poller.Kind
    ) throws {
        var loop = try Loop(kind)
        let pipes = [try Wakeup(), try Wakeup(), try Wakeup()]
        for (slot, wakeup) in pipes.enumerated() {
            wakeup.signal()
            try loop.poller.register(
                wakeup.descriptor, token: PollToken(slot: UInt32(slot), generation: 0),
                interest: .readable)
        }
        #expect(Set(try loop.present().map(\.token.slot)) == [0, 1, 2])
        try loop.poller.remove(pipes[0].descriptor)
        #expect(Set(try loop.present().map(\.token.slot)) == [1, 2])
        pipes[2].drain()
        #expect(try loop.present().map(\.token.slot) == [1])
        try loop.poller.remove(pipes[2].descriptor)
        try loop.poller.remove(pipes[1].descriptor)
        #expect(try loop.present().isEmpty)
    }

    @Test(arguments: Poller.Kind.allCases) func misuseIsAnError(_ kind: Poller.Kind) throws {
        let loop = try Loop(kind)
        let pipe = try Pipe()
        let end = pipe.readingEnd
        #expect(throws: Errno.noSuchFile) {
            try loop.poller.modify(end, token: PollerTests.token, interest: .readable)
        }
        #expect(throws: Errno.noSuchFile) { try loop.poller.remove(end) }
        try loop.poller.register(end, token: PollerTests.token, interest: .readable)
        #expect(throws: Errno.fileExists) {
            try loop.poller.register(end, token: PollerTests.token, interest: .readable)
        }
        #expect(throws: Errno.badDescriptor) {
            try loop.poller.register(987_654, token: PollerTests.token, interest: .readable)
        }
    }

    @Test(arguments: Poller.Kind.allCases) func aDeadlineIsNeverEarly(_ kind: Poller.Kind) throws {
        let loop = try Loop(kind)
        var events = [PollEvent(token: PollerTests.token)]
        let deadline = MonotonicClock.now() + .microseconds(1_300)
        try loop.poller.wait(until: deadline, into: &events)
        #expect(events.isEmpty)
        #expect(MonotonicClock.now() >= deadline)
    }

    @Test(arguments: Poller.Kind.allCases) func anotherThreadWakes(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let resolver = try NameResolver()
        try loop.poller.register(
            resolver.descriptor, token: PollerTests.token, interest: .readable)
        let asked = try Address("localhost:80")
        #expect(resolver.lookUp(asked, ticket: 1) == .queued)
        #expect(try loop.next() == [PollEvent(token: PollerTests.token, readable: true)])
        #expect(resolver.collect().count == 1)
        #expect(try loop.present().isEmpty)
    }

    @Test(arguments: Poller.Kind.allCases) func aFloodOfWakeupsIsOne(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let wakeup = try Wakeup()
        for _ in 0..<100_000 { wakeup.signal() }
        try loop.poller.register(
            wakeup.descriptor, token: PollerTests.token, interest: .readable)
        #expect(try loop.present().count == 1)
        wakeup.drain()
        #expect(try loop.present().isEmpty)
        wakeup.signal()
        #expect(try loop.present().count == 1)
    }
}
