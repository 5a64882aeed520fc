import Primitives

/// Where the other voters were when this node last heard of them, kept in its directory for the next
/// start (docs/disk-format.md, "addresses"). All of it are hints: a book that is missing or damaged
/// costs nothing but the time until the gossip has told it again.
public struct AddressBook: Hashable, Sendable {
    /// One voter and its addresses, as far as they are known.
    public struct Entry: Hashable, Sendable {
        /// The voter.
        public var node: NodeID
        /// Where it was.
        public var addresses: NodeAddresses
    }

    /// The file's name in the data directory.
    public static let fileName = "addresses"

    /// The gossip's incarnation of the node that keeps the book.
    public var incarnation: UInt64 = 0
    /// The other voters, sorted by id.
    public var entries: [Entry] = []

    /// The book's text, for the directory of that node of that cluster.
    public func encoded(cluster: [UInt8], node: NodeID) -> [UInt8] {
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
    public init?(_ bytes: [UInt8], cluster: [UInt8], node: NodeID) {
        guard bytes.count <= NodeLimits.addressBook else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 6, let word = lines[3].split(separator: UInt8(ascii: " ")).last,
            let incarnation = UInt64(String(decoding: word, as: UTF8.self)),
            incarnation <= NodeLimits.keptIncarnation
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
    public init(incarnation: UInt64 = 0, entries: [Entry] = []) {
        self.incarnation = min(incarnation, NodeLimits.keptIncarnation)
        self.entries = entries
    }

    /// CRC32C as eight hexadecimal digits.
    private static func checksum(_ bytes: [UInt8]) -> String {
        var checksum = CRC32C()
        checksum.update(bytes.span)
        return checksum.value.padded(to: 8, radix: 16)
    }
}

extension AddressBook.Entry {
    /// The entry that the line spells: an id and three addresses, `-` for one that is not known.
    fileprivate init?(_ line: ArraySlice<UInt8>) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 4, let node = NodeID(bytes: words[0]) else { return nil }
        var addresses: [Address?] = []
        for word in words[1...] {
            if word.elementsEqual("-".utf8) {
                addresses.append(nil)
            } else if let address = Address(bytes: word) {
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
