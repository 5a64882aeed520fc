import Configuration
import Posix
import Primitives

/// Where the other voters were when this node last heard of them, kept in its directory for the next
/// start (docs/disk-format.md, "addresses"). All of it are hints: a book that is missing or damaged
/// costs nothing but the time until the gossip has told it again.
struct AddressBook: Equatable {
    /// One voter and its addresses, as far as they are known.
    struct Entry: Equatable {
        var node: NodeID
        var addresses: NodeAddresses
    }

    static let fileName = "addresses"

    /// The gossip's incarnation of the node that keeps the book.
    var incarnation: UInt64 = 0
    /// The other voters, sorted by id.
    var entries: [Entry] = []

    /// The book's text, for the directory of that node of that cluster.
    func encoded(cluster: [UInt8], node: NodeID) -> [UInt8] {
        var text = """
            tally addresses 1
            cluster \(String(decoding: cluster, as: UTF8.self))
            node \(node)
            incarnation \(incarnation)

            """
        for entry in entries {
            let addresses = [
                entry.addresses.http, entry.addresses.raft, entry.addresses.gossip,
            ].map { $0?.description ?? "-" }
            text += "\(entry.node) \(addresses.joined(separator: " "))\n"
        }
        let bytes = Array(text.utf8)
        return bytes + Array("crc32c \(AddressBook.checksum(bytes))\n".utf8)
    }

    /// The book that those bytes spell, or nil where they are damaged, of another version, or of
    /// another node's directory. A book has one spelling.
    init?(_ bytes: [UInt8], cluster: [UInt8], node: NodeID) {
        guard bytes.count <= ServerLimits.addressBook else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 6, let word = lines[3].split(separator: UInt8(ascii: " ")).last,
            let incarnation = UInt64(String(decoding: word, as: UTF8.self)),
            incarnation <= ServerLimits.keptIncarnation
        else { return nil }
        self.incarnation = incarnation
        for line in lines[4..<lines.count - 2] {
            guard let entry = Entry(line), entry.node != node,
                entries.last.map({ $0.node < entry.node }) ?? true
            else { return nil }
            entries.append(entry)
        }
        // Magic, names and checksum stand where they should exactly if the book spells these bytes.
        guard encoded(cluster: cluster, node: node) == bytes else { return nil }
    }

    /// A book of those entries. Of an incarnation that no book may hold as much is kept as may be; the
    /// others know the rest.
    init(incarnation: UInt64 = 0, entries: [Entry] = []) {
        self.incarnation = min(incarnation, ServerLimits.keptIncarnation)
        self.entries = entries
    }

    /// CRC32C as eight hexadecimal digits.
    private static func checksum(_ bytes: [UInt8]) -> String {
        var checksum = CRC32C()
        checksum.update(bytes.span)
        let digits = String(checksum.value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension AddressBook.Entry {
    /// The entry that the line spells: an id and three addresses, `-` for one that is not known.
    fileprivate init?(_ line: ArraySlice<UInt8>) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 4, let node = NodeID(bytes: words[0]) else { return nil }
        var addresses: [HostPort?] = []
        for word in words[1...] {
            if word.elementsEqual("-".utf8) {
                addresses.append(nil)
            } else if let address = HostPort(bytes: word) {
                addresses.append(address)
            } else {
                return nil
            }
        }
        self.init(
            node: node,
            addresses: NodeAddresses(http: addresses[0], raft: addresses[1], gossip: addresses[2]))
    }
}

extension HostPort {
    /// The address that these bytes spell, or nil where they spell none.
    init?(bytes: some Sequence<UInt8>) {
        try? self.init(String(decoding: Array(bytes), as: UTF8.self))
    }

    /// Its text as bytes.
    var bytes: [UInt8] { Array(description.utf8) }
}
