import Primitives
import Testing

@testable import Node

/// A name that obeys the rules.
func id(_ name: String) -> NodeID {
    guard let id = NodeID(name) else { preconditionFailure("\(name) is no name") }
    return id
}

/// Addresses with one host and three ports; nil leaves one out.
func addresses(_ http: UInt16?, _ raft: UInt16?, _ gossip: UInt16?) -> NodeAddresses {
    func address(_ port: UInt16?) -> Address? { port.map { .loopback(port: $0) } }
    return NodeAddresses(http: address(http), raft: address(raft), gossip: address(gossip))
}

@Suite struct AddressBookTests {
    private let cluster = Array("example".utf8)
    private let book = AddressBook(
        incarnation: 12,
        entries: [
            .init(node: id("n2"), addresses: addresses(8002, 9002, 7002)),
            .init(node: id("n3"), addresses: addresses(nil, 9003, nil)),
        ])

    /// The example of docs/disk-format.md.
    @Test func theTextIsThatOfThePage() {
        let text = """
            tally addresses 1
            cluster example
            node n1
            incarnation 12
            n2 127.0.0.1:8002 127.0.0.1:9002 127.0.0.1:7002
            n3 - 127.0.0.1:9003 -
            crc32c 6a8c37b1

            """
        let encoded = book.encoded(cluster: cluster, node: id("n1"))
        #expect(String(decoding: encoded, as: UTF8.self) == text)
        #expect(AddressBook(encoded, cluster: cluster, node: id("n1")) == book)
    }

    /// A lie may have lifted it far.
    @Test func aBookCanBeReadWhateverTheIncarnation() {
        let book = AddressBook(incarnation: 1 << 62, entries: book.entries)
        let encoded = book.encoded(cluster: cluster, node: id("n1"))
        #expect(AddressBook(encoded, cluster: cluster, node: id("n1")) == book)
    }

    @Test func anEmptyBookIsABook() {
        let encoded = AddressBook().encoded(cluster: cluster, node: id("n1"))
        #expect(AddressBook(encoded, cluster: cluster, node: id("n1")) == AddressBook())
    }

    @Test func everyDamageIsSeen() {
        let encoded = book.encoded(cluster: cluster, node: id("n1"))
        for position in encoded.indices {
            for bit in 0..<8 {
                var bad = encoded
                bad[position] ^= 1 << UInt8(bit)
                #expect(AddressBook(bad, cluster: cluster, node: id("n1")) == nil)
            }
            #expect(
                AddressBook(Array(encoded[..<position]), cluster: cluster, node: id("n1")) == nil)
        }
        #expect(AddressBook(encoded + [0x0A], cluster: cluster, node: id("n1")) == nil)
    }

    @Test func anotherDirectorysBookIsNone() {
        let encoded = book.encoded(cluster: cluster, node: id("n1"))
        #expect(AddressBook(encoded, cluster: Array("other".utf8), node: id("n1")) == nil)
        #expect(AddressBook(encoded, cluster: cluster, node: id("n4")) == nil)
    }

    /// Right checksums are no excuse.
    @Test(
        arguments: [
            [("n3", 1), ("n2", 2)], [("n2", 1), ("n2", 2)], [("n1", 1)],
        ] as [[(String, UInt16)]])
    func wrongEntriesAreRefused(_ entries: [(String, UInt16)]) {
        let wrong = AddressBook(
            entries: entries.map { .init(node: id($0.0), addresses: addresses($0.1, nil, nil)) })
        let encoded = wrong.encoded(cluster: cluster, node: id("n1"))
        #expect(AddressBook(encoded, cluster: cluster, node: id("n1")) == nil)
    }

    @Test func anIncarnationBeyondAllIsRefused() {
        for (incarnation, isGood) in [(UInt64(1) << 61, true), (1 << 61 + 1, false), (.max, false)]
        {
            var book = AddressBook()
            book.incarnation = incarnation
            let encoded = book.encoded(cluster: cluster, node: id("n1"))
            #expect((AddressBook(encoded, cluster: cluster, node: id("n1")) != nil) == isGood)
        }
    }
}
