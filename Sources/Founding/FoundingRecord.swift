import Primitives

/// The random number of a data directory, drawn once when it is made. Together with the node's id
/// it is the node's identity: a node that comes back with another disk has lost its promises.
public struct DiskID: Hashable, Comparable, Sendable {
    /// The random number.
    public var number: UInt64

    /// The disk of that number.
    public init(_ number: UInt64) { self.number = number }

    /// Any order, the same on every node.
    public static func < (left: DiskID, right: DiskID) -> Bool { left.number < right.number }
}

extension DiskID: CustomStringConvertible {
    /// The number as 16 hexadecimal digits.
    public var description: String {
        number.padded(to: 16, radix: 16)
    }
}

/// Who founded the cluster: its name, its first voters, and the disk of each.
///
/// Every founding voter writes the same record down before any of them votes, so that a voter that
/// comes back with another disk is recognised (see `FoundingState`).
public struct FoundingRecord: Hashable, Sendable {
    /// One founding voter and its disk.
    public struct Member: Hashable, Sendable {
        /// The voter.
        public var node: NodeID
        /// The disk it was founded with.
        public var disk: DiskID

        /// That voter with that disk.
        public init(node: NodeID, disk: DiskID) {
            self.node = node
            self.disk = disk
        }
    }

    /// The most founding voters.
    public static let maximumMembers = 9

    /// The cluster's name, 1 to 32 bytes that obey `NodeID.isName`.
    public let cluster: [UInt8]
    /// The founding voters, sorted by id, one to nine, no id twice.
    public let members: [Member]
    /// The digest of the backup from which all of them were restored; nil for a cluster that began with
    /// nothing. Never zero.
    public let origin: UInt64?

    /// The record of that cluster, or nil where the name, the number of members, their ids or the origin
    /// break the rules above. The members may come in any order.
    public init?(cluster: [UInt8], members: [Member], origin: UInt64? = nil) {
        let sorted = members.sorted { $0.node < $1.node }
        guard NodeID.isName(cluster),
            (1...FoundingRecord.maximumMembers).contains(sorted.count),
            zip(sorted, sorted.dropFirst()).allSatisfy({ $0.node != $1.node }), origin != 0
        else { return nil }
        self.cluster = cluster
        self.members = sorted
        self.origin = origin
    }

    /// The ids of the founding voters, sorted.
    public var voters: [NodeID] { members.map(\.node) }

    /// The disk that the record names for a node, or nil where the node is no founding voter.
    public func disk(of node: NodeID) -> DiskID? {
        members.first { $0.node == node }?.disk
    }
}

extension FoundingRecord {
    /// What is added to the number of members where an origin follows them.
    private static let originFlag: UInt8 = 0x80

    /// Whether a state that was saved under the other record belongs to this one's cluster: the records
    /// are the same, or the state is the one that all of this cluster's disks were restored with, before
    /// any of them could know the others.
    public func continues(_ other: FoundingRecord) -> Bool {
        self == other || (origin != nil && origin == other.origin && cluster == other.cluster)
    }

    /// Appends the record: the cluster's name behind a one-byte length, the number of members (one
    /// byte), then each member's id behind a one-byte length and its disk (8 bytes). Where there is an
    /// origin, the number has its highest bit set, and the origin (8 bytes) ends the record.
    public func encode(into writer: inout ByteWriter) {
        writer.writeShort(cluster)
        writer.write(UInt8(members.count) | (origin == nil ? 0 : FoundingRecord.originFlag))
        for member in members {
            writer.writeShort(member.node.bytes)
            writer.write(member.disk.number)
        }
        if let origin { writer.write(origin) }
    }

    /// 64 bits that tell this record from others, the same on every node: FNV-1a over the encoded bytes
    /// (docs/wire-format.md, "The record's digest"). It is no protection against an enemy.
    public var digest: UInt64 {
        var writer = ByteWriter(capacity: 128)
        encode(into: &writer)
        return FoundingRecord.digest(of: writer.bytes)
    }

    /// FNV-1a with 64 bits over those bytes.
    public static func digest(of bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// The record that `encode` left there, or nil where the bytes are none. Members out of order
    /// are refused, so that a record has one spelling.
    public init?(from reader: inout ByteReader) {
        guard let cluster = reader.readShort(), let count = reader.read(UInt8.self) else {
            return nil
        }
        var members: [Member] = []
        for _ in 0..<count & ~FoundingRecord.originFlag {
            guard let node = reader.readNodeID(), let disk = reader.read(UInt64.self) else {
                return nil
            }
            members.append(Member(node: node, disk: DiskID(disk)))
        }
        var origin: UInt64?
        if count & FoundingRecord.originFlag != 0 {
            guard let number = reader.read(UInt64.self) else { return nil }
            origin = number
        }
        self.init(cluster: cluster, members: members, origin: origin)
        guard self.members == members else { return nil }
    }
}

/// How far a disk has come on the way to a founded cluster.
///
/// ```
/// newborn ── pledge, synced ──▶ pledged ── every disk has pledged the same, synced ──▶ founded
/// ```
///
/// A disk pledges once, to one record. Only a founded node campaigns, votes or counts votes.
public enum FoundingState: Hashable, Sendable {
    /// The disk has promised nothing.
    case newborn
    /// The disk will belong to this cluster and to no other.
    case pledged(FoundingRecord)
    /// Every disk in the record is known to have pledged to it.
    case founded(FoundingRecord)

    /// The record that the disk has pledged to, if it has.
    public var record: FoundingRecord? {
        switch self {
        case .newborn: nil
        case .pledged(let record), .founded(let record): record
        }
    }
}
