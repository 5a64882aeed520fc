import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// A directory put back from an old copy has forgotten what its node promised since.
struct OldCopyTests {
    private static func history(_ nonces: [UInt64], of count: UInt64) throws -> StartHistory {
        try #require(StartHistory(count: count, nonces: nonces))
    }

    @Test func `a history excludes what it would have to contain`() throws {
        let starts = try Self.history([50, 40, 30], of: 5)
        for known in [(5, 50), (4, 40), (3, 30)] as [(UInt64, UInt64)] {
            #expect(!starts.excludes(Start(number: known.0, nonce: known.1)))
            #expect(starts.excludes(Start(number: known.0, nonce: 99)))
        }
        // What lies too far back is believed, and what it has not come to is not.
        #expect(!starts.excludes(Start(number: 2, nonce: 99)))
        #expect(starts.excludes(Start(number: 6, nonce: 50)))
    }

    /// A peer is at start 72; then it comes as it was before, or as another process of that number, or
    /// after more starts that leave that one out.
    @Test(
        arguments: [
            (nonce: 60, earlier: [], count: 60), (nonce: 60, earlier: [], count: 71),
            (nonce: 61, earlier: [60, 59, 58], count: 73),
        ] as [(nonce: UInt64, earlier: [UInt64], count: UInt64)])
    func `an old copy is refused for good`(
        copy: (nonce: UInt64, earlier: [UInt64], count: UInt64)
    ) throws {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, nonce: 71))
        solo.persist()
        solo.disconnect(2)
        var hello = solo.hello(of: 2, nonce: copy.nonce)
        hello.earlierStarts = try Self.history(copy.earlier, of: copy.count)
        let link = solo.connect(2, hello)
        let refusal = solo.said(on: link).compactMap { message -> Refusal? in
            if case .refusal(let refusal) = message { refusal } else { nil }
        }
        #expect(refusal.map(\.reason) == [.oldCopy])
        #expect(solo.box.closes.contains(link))
        #expect(solo.box.disk.peerStarts.contains { $0.start == Start(number: 72, nonce: 71) })
    }

    @Test func `Raft listens to a process once its start is on disk`() {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, nonce: 90))
        let ask = Message.voteRequest(VoteRequest(term: Term(5), last: .zero))
        solo.hear(ask, from: 2)
        #expect(solo.status.term == .zero)
        solo.persist()
        #expect(solo.box.disk.peerStarts.contains { $0.start.nonce == 90 })
        solo.hear(ask, from: 2)
        #expect(solo.status.term == Term(5))
    }

    @Test func `a node that is refused as an old copy ends`() throws {
        let solo = Solo()
        let link = solo.connect(2)
        solo.hear(
            .refusal(Refusal(reason: .oldCopy, detail: Array("n1 has been started 9 times".utf8))),
            on: link)
        let end = try #require(solo.box.end)
        #expect(end.text.contains("n1 has been started 9 times"))
        #expect(end.text.contains("put back from an old copy"))
        #expect(end.text.contains("it must not vote again"))
    }
}
