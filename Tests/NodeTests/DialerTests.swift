import Primitives
import Testing

@testable import Node

/// n2 calls n3, and calls n1 back.
@Suite struct DialerTests {
    private let start = Instant.origin + .milliseconds(10_000)

    private func dialer() -> Dialer {
        let peers = PeerAddresses(
            [(id("n1"), addresses(11, 12, 13)), (id("n3"), addresses(31, 32, 33))],
            book: AddressBook())
        return Dialer(from: id("n2"), to: peers, at: start)
    }

    private func due(_ dialer: inout Dialer, _ now: Instant) -> [NodeID] {
        dialer.takeDue(at: now).map(\.node)
    }

    @Test func theHigherIsCalledAtOnceAndTheLowerOnlyAfterAWhile() {
        var dialer = dialer()
        #expect(due(&dialer, start) == [id("n3")])
        #expect(due(&dialer, start + .milliseconds(999)) == [])
        #expect(due(&dialer, start + NodeLimits.callBack) == [id("n1")])
        #expect(dialer.deadline == start + NodeLimits.callBack * 2)
    }

    @Test func theBackoffDoublesUpToItsBound() {
        var dialer = dialer()
        var now = start
        var waits: [Timespan] = []
        for _ in 0..<6 {
            #expect(due(&dialer, now) == [id("n3")])
            dialer.backOff(from: id("n3"), at: now)
            guard let next = dialer.peers.first(where: { $0.node == id("n3") })?.next else {
                return
            }
            waits.append(next.since(now))
            now = next
        }
        #expect(waits == [10, 20, 40, 80, 100, 100].map { Timespan.milliseconds($0) })
        dialer.succeeded(with: id("n3"))
        dialer.backOff(from: id("n3"), at: now)
        #expect(dialer.deadline == now + .milliseconds(10))
    }

    /// Whoever tells a new lie before each call keeps nobody from the addresses that are true.
    @Test func aFloodOfNewsKeepsNobodyFromTheOthers() {
        var dialer = dialer()
        var now = start
        var called: [UInt16] = []
        for lie in UInt16(100)..<108 {
            if dialer.addresses.hear(addresses(1, lie, 2), of: id("n3")) {
                dialer.hurry(to: id("n3"), hasCall: false, at: now)
            }
            guard let peer = dialer.peers.first(where: { $0.node == id("n3") }) else { return }
            let all = dialer.addresses.candidates(of: id("n3"))
            called.append(all[peer.failures % all.count].address.port)
            now = now + .milliseconds(300)
            _ = dialer.takeDue(at: now)
            dialer.backOff(from: id("n3"), at: now)
        }
        #expect(called == [100, 32, 102, 32, 104, 32, 106, 32])
    }

    @Test func newsHurryNoMoreCallsThanAFewASecond() {
        var dialer = dialer()
        _ = dialer.takeDue(at: start)
        dialer.hurry(to: id("n3"), hasCall: false, at: start)
        #expect(due(&dialer, start) == [id("n3")])
        let soon = start + .milliseconds(1)
        dialer.hurry(to: id("n3"), hasCall: false, at: soon)
        #expect(due(&dialer, soon) == [])
        #expect(due(&dialer, start + NodeLimits.hurry) == [id("n3")])
        // A call that is under way is left alone.
        dialer.hurry(to: id("n3"), hasCall: true, at: start + .milliseconds(900))
        #expect(due(&dialer, start + .milliseconds(900)) == [])
    }

    @Test func aLookUpIsAnsweredOnceAndEndsInTime() {
        var dialer = dialer()
        guard let address = Address(bytes: Array("host:1".utf8)) else { return }
        let end = start + NodeLimits.lookUp
        let lookUp = Dialer.LookUp(
            ticket: 7, address: address, isRumour: false, isHearsay: false, end: end)
        _ = dialer.takeDue(at: start)
        dialer.wait(for: lookUp, of: id("n3"))
        #expect(dialer.takeLookUp(8) == nil)
        #expect(dialer.takeOverdueLookUps(at: start).isEmpty)
        #expect(dialer.takeLookUp(7)?.node == id("n3"))
        #expect(dialer.takeLookUp(7) == nil)
        dialer.wait(for: lookUp, of: id("n3"))
        #expect(dialer.takeOverdueLookUps(at: end).map(\.node) == [id("n3")])
        #expect(dialer.takeLookUp(7) == nil)
    }
}
