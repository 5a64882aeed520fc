import Founding
import Primitives
import Raft
import Testing

@testable import Replica

/// Connections on which nobody says who is there.
@Suite struct StrangerLinkTests {
    @Test func theOldestStrangerMakesRoom() {
        let founders = ["n1", "n2", "n3"].map { NodeID($0)! }
        let identity = Replica.Identity(
            cluster: Array("test".utf8), node: founders[0], disk: DiskID(1), nonce: 1,
            founders: founders, http: [], raft: [])
        var replica = Replica(
            identity: identity, timing: .standard, requestTimeout: .milliseconds(2_000),
            hardState: HardState(term: .zero, vote: nil), log: EntryLog(), commit: .zero,
            founding: .newborn,
            isCommand: { _, _ in false }, at: .origin)
        var effects = Replica.Effects()
        for number in 1...ReplicaLimits.strangers {
            let link = LinkID(UInt64(number))
            replica.step(.linkOpened(link, dialed: nil), at: .origin, into: &effects)
        }
        #expect(effects.closes == [])
        let more = (1...3).map { LinkID(UInt64(ReplicaLimits.strangers + $0)) }
        for link in more {
            replica.step(.linkOpened(link, dialed: nil), at: .origin, into: &effects)
        }
        #expect(effects.closes == (1...3).map { LinkID(UInt64($0)) })
        #expect(replica.links.count == ReplicaLimits.strangers)
        #expect(replica.links.suffix(3).map(\.id) == more)
    }
}
