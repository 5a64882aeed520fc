import Posix
import Primitives
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct NameResolverTests {
    /// The answers to everything that was asked, collected as a loop does.
    private func answers(
        _ count: Int, from resolver: NameResolver
    ) throws -> [UInt64: NameResolver.Answer] {
        var loop = try Loop(.best)
        var found: [UInt64: NameResolver.Answer] = [:]
        while found.count < count {
            try loop.untilReadable(resolver.descriptor)
            for answer in resolver.collect() { found[answer.ticket] = answer }
        }
        return found
    }

    @Test func thisMachineHasAName() throws {
        let resolver = try NameResolver()
        let asked = try Address("localhost:8001")
        #expect(resolver.lookUp(asked, ticket: 42) == .queued)
        let answer = try #require(answers(1, from: resolver)[42])
        #expect(answer.address == asked)
        let addresses = try answer.result.get()
        #expect(!addresses.isEmpty)
        for address in addresses { #expect(address.host.isLoopback && address.port == 8001) }
        #expect(Set(addresses).count == addresses.count)
    }

    /// RFC 6761 §6.4: names under "invalid" never exist.
    @Test func aNameThatNobodyHasIsAFailure() throws {
        let resolver = try NameResolver()
        let nobody = try Address("nobody.invalid:1")
        let here = try Address("localhost:1")
        #expect(resolver.lookUp(nobody, ticket: 1) == .queued)
        #expect(resolver.lookUp(here, ticket: 2) == .queued)
        let found = try answers(2, from: resolver)
        #expect(throws: NameResolver.Failure.self) { try found[1]?.result.get() }
        #expect(throws: Never.self) { try found[2]?.result.get() }
    }

    @Test func numbersNeedNoQuestion() throws {
        let resolver = try NameResolver()
        for text in ["127.0.0.1:5", "[::1]:5"] {
            let asked = try Address(text)
            let known = try socketAddress(text)
            #expect(resolver.lookUp(asked, ticket: 0) == .known(known))
        }
        #expect(resolver.collect().isEmpty)
    }

    /// A search that finds nothing before the test lets go of a name.
    private final class Gate: Sendable {
        private let state = Mutex((asked: [String](), open: Set<String>()))

        var asked: [String] { state.withLock { $0.asked.sorted() } }

        func release(_ host: String) { state.withLock { _ = $0.open.insert(host) } }

        func search(_ host: String) -> Result<[SocketAddress], NameResolver.Failure> {
            state.withLock { $0.asked.append(host) }
            while state.withLock({ !$0.open.contains(host) }) { sched_yield() }
            return .success([.loopback(port: 0)])
        }
    }

    @Test func aNameWithoutAnAnswerHoldsUpNoOther() throws {
        let gate = Gate()
        defer { gate.release("silent") }
        let resolver = try NameResolver(threads: 2, search: gate.search)
        #expect(try resolver.lookUp(Address("silent:1"), ticket: 1) == .queued)
        for ticket in UInt64(2)...20 {
            gate.release("n\(ticket)")
            #expect(try resolver.lookUp(Address("n\(ticket):5"), ticket: ticket) == .queued)
        }
        let found = try answers(19, from: resolver)
        #expect(found.keys.sorted() == Array(2...20))
        #expect(try found[7]?.result.get() == [.loopback(port: 5)])
        #expect(gate.asked.count { $0 == "silent" } == 1)
    }

    /// However often a name is asked for, one look-up of it is under way, and all get its answer.
    @Test func aRepeatedQuestionJoinsTheFirst() throws {
        let gate = Gate()
        let resolver = try NameResolver(threads: 2, search: gate.search)
        for ticket in UInt64(1)...8 {
            let asked = try Address("slow:\(ticket)")
            #expect(resolver.lookUp(asked, ticket: ticket) == .queued)
        }
        gate.release("other")
        #expect(try resolver.lookUp(Address("other:1"), ticket: 9) == .queued)
        #expect(try answers(1, from: resolver).keys.sorted() == [9])
        gate.release("slow")
        let found = try answers(8, from: resolver)
        for (ticket, answer) in found {
            #expect(try answer.result.get() == [.loopback(port: UInt16(ticket))])
        }
        #expect(gate.asked == ["other", "slow"])
    }

    /// An asker that gives up leaves its place to others, and one that comes later the look-up.
    @Test func anAbandonedQuestionIsNotAnswered() throws {
        let gate = Gate()
        let resolver = try NameResolver(capacity: 1, threads: 1, search: gate.search)
        for ticket in UInt64(1)...50 {
            #expect(try resolver.lookUp(Address("slow:1"), ticket: ticket) == .queued)
            #expect(try resolver.lookUp(Address("slow:1"), ticket: 99) == .full)
            resolver.abandon(ticket)
        }
        #expect(try resolver.lookUp(Address("slow:1"), ticket: 51) == .queued)
        gate.release("slow")
        #expect(try answers(1, from: resolver).keys.sorted() == [51])
        #expect(gate.asked.allSatisfy { $0 == "slow" })
        gate.release("next")
        #expect(try resolver.lookUp(Address("next:1"), ticket: 52) == .queued)
        #expect(try answers(1, from: resolver).keys.sorted() == [52])
    }

    @Test func questionsAreBounded() throws {
        let resolver = try NameResolver(capacity: 2)
        let asked = try Address("localhost:1")
        #expect(resolver.lookUp(asked, ticket: 1) == .queued)
        #expect(resolver.lookUp(asked, ticket: 2) == .queued)
        // Answered or not: what has not been collected counts.
        #expect(resolver.lookUp(asked, ticket: 3) == .full)
        #expect(try answers(2, from: resolver).keys.sorted() == [1, 2])
        #expect(resolver.lookUp(asked, ticket: 4) == .queued)
    }
}
