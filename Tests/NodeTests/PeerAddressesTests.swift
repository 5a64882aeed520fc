import Primitives
import Testing

@testable import Node

@Suite struct PeerAddressesTests {
    private func peers(book: [AddressBook.Entry] = []) -> PeerAddresses {
        PeerAddresses(
            [(id("n3"), addresses(nil, nil, nil)), (id("n2"), addresses(21, 24, 23))],
            book: AddressBook(entries: book))
    }

    private func ports(_ peers: PeerAddresses, _ node: String) -> [UInt16] {
        peers.candidates(of: id(node)).map(\.address.port)
    }

    @Test func theFileComesLast() {
        var peers = peers(book: [.init(node: id("n2"), addresses: addresses(nil, 30, 31))])
        #expect(peers.nodes == [id("n2"), id("n3")])
        #expect(ports(peers, "n2") == [30, 24])
        peers.prove(http: Array("h:1".utf8), raft: Array("h:40".utf8), of: id("n2"))
        #expect(ports(peers, "n2") == [40, 30, 24])
        let isNews = peers.hear(addresses(50, 51, 52), of: id("n2"))
        #expect(isNews)
        #expect(ports(peers, "n2") == [51, 40, 30, 24])
        #expect(peers.candidates(of: id("n2")).map(\.isRumour) == [true, false, true, false])
        #expect(peers.addresses(of: id("n2")) == addresses(50, 51, 52))
    }

    @Test func nothingIsKnownOfAnIDAlone() {
        var peers = peers()
        #expect(ports(peers, "n3") == [])
        #expect(peers.addresses(of: id("n3")) == addresses(nil, nil, nil))
        let isNews = peers.hear(addresses(1, 60, 2), of: id("n3"))
        #expect(isNews && ports(peers, "n3") == [60])
        #expect(ports(peers, "n1") == [])
    }

    @Test func onlyNewsAreNews() {
        var peers = peers()
        let told = [
            ("n3", addresses(1, 60, 2)), ("n3", addresses(1, 60, 2)),
            // Another HTTP address is worth keeping, but nobody is called there.
            ("n3", addresses(9, 60, 2)), ("n3", addresses(9, 61, 2)),
            // The file says so, too.
            ("n2", addresses(1, 24, 2)),
        ]
        let isNews = told.map { node, addresses in peers.hear(addresses, of: id(node)) }
        #expect(isNews == [true, false, false, true, false])
        #expect(peers.addresses(of: id("n3")).http?.port == 9)
    }

    @Test func nothingIsKeptOfStrangers() {
        var peers = peers()
        let isNews = ["n9", "n1"].map { peers.hear(addresses(1, 2, 3), of: id($0)) }
        #expect(isNews == [false, false])
        peers.prove(http: [], raft: [], of: id("n9"))
        #expect(peers.worthKeeping.isEmpty)
    }

    @Test func oneAddressIsTriedOnce() {
        var peers = peers(book: [.init(node: id("n2"), addresses: addresses(nil, 24, nil))])
        _ = peers.hear(addresses(nil, 24, nil), of: id("n2"))
        #expect(ports(peers, "n2") == [24])
        // The file vouches for it, too.
        #expect(peers.candidates(of: id("n2")).map(\.isRumour) == [false])
    }

    @Test func theNewestWordIsKept() {
        var peers = peers(
            book: [
                .init(node: id("n2"), addresses: addresses(1, 30, 31)),
                .init(node: id("n3"), addresses: addresses(nil, 70, 71)),
            ])
        peers.prove(http: Array("127.0.0.1:5".utf8), raft: Array("no address".utf8), of: id("n2"))
        #expect(
            peers.worthKeeping == [
                .init(node: id("n2"), addresses: addresses(5, 30, 31)),
                .init(node: id("n3"), addresses: addresses(nil, 70, 71)),
            ])
        _ = peers.hear(addresses(8, 80, 81), of: id("n3"))
        #expect(peers.worthKeeping[1].addresses == addresses(8, 80, 81))
    }
}
