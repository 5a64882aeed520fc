import Posix
import Primitives
import Testing

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
        let endpoint = try #require(Endpoint("localhost:8001"))
        #expect(resolver.lookUp(endpoint, ticket: 42) == .queued)
        let answer = try #require(answers(1, from: resolver)[42])
        #expect(answer.endpoint == endpoint)
        let addresses = try answer.result.get()
        #expect(!addresses.isEmpty)
        for address in addresses { #expect(address.isLoopback && address.port == 8001) }
        #expect(Set(addresses).count == addresses.count)
    }

    /// RFC 6761 §6.4: names under "invalid" never exist.
    @Test func aNameThatNobodyHasIsAFailure() throws {
        let resolver = try NameResolver()
        let nobody = try #require(Endpoint("nobody.invalid:1"))
        let here = try #require(Endpoint("localhost:1"))
        #expect(resolver.lookUp(nobody, ticket: 1) == .queued)
        #expect(resolver.lookUp(here, ticket: 2) == .queued)
        let found = try answers(2, from: resolver)
        #expect(throws: NameResolver.Failure.self) { try found[1]?.result.get() }
        #expect(throws: Never.self) { try found[2]?.result.get() }
    }

    @Test func numbersNeedNoQuestion() throws {
        let resolver = try NameResolver()
        for text in ["127.0.0.1:5", "[::1]:5"] {
            let endpoint = try #require(Endpoint(text))
            let address = try #require(SocketAddress(text))
            #expect(resolver.lookUp(endpoint, ticket: 0) == .known(address))
        }
        #expect(resolver.collect().isEmpty)
    }

    @Test func questionsAreBounded() throws {
        let resolver = try NameResolver(capacity: 2)
        let endpoint = try #require(Endpoint("localhost:1"))
        #expect(resolver.lookUp(endpoint, ticket: 1) == .queued)
        #expect(resolver.lookUp(endpoint, ticket: 2) == .queued)
        // Answered or not: what has not been collected counts.
        #expect(resolver.lookUp(endpoint, ticket: 3) == .full)
        #expect(try answers(2, from: resolver).keys.sorted() == [1, 2])
        #expect(resolver.lookUp(endpoint, ticket: 4) == .queued)
    }
}
