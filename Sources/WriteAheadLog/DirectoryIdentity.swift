import Founding
import Primitives
import Raft

/// Whose directory it is: a node of a cluster, and the number drawn when the directory was made.
public struct DirectoryIdentity: Hashable, Sendable {
    /// The cluster's name, 1 to 32 bytes that obey `NodeID.isName`.
    public let cluster: [UInt8]
    /// The node's id.
    public let node: NodeID
    /// The disk's random number.
    public let disk: DiskID

    /// The name of the file that says so; a directory without one was not born yet.
    public static let fileName = "identity"
    static let asideName = "identity.new"

    private static let magic = Array("TALLYID\n".utf8)

    /// The identity of that node of that cluster on that disk.
    public init(cluster: [UInt8], node: NodeID, disk: DiskID) {
        precondition(NodeID.isName(cluster), "a cluster's name of \(cluster.count) bytes")
        self.cluster = cluster
        self.node = node
        self.disk = disk
    }

    /// The bytes of the file (docs/disk-format.md, "identity").
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 96)
        writer.write(DirectoryIdentity.magic)
        writer.write(FormatVersion.current)
        writer.write(UInt32(0))
        writer.write(disk.number)
        writer.writeShort(cluster)
        writer.writeShort(node.bytes)
        writer.overwrite(FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
        return writer.bytes
    }

    /// What the bytes of the file say.
    static func decode(_ bytes: [UInt8]) throws(LogFault) -> DirectoryIdentity {
        try FormatVersion.check(
            bytes, magic: magic, file: fileName, after: .zero, reason: .identity)
        var reader = ByteReader(bytes, in: FormatVersion.prefix..<bytes.count)
        guard let disk = reader.read(UInt64.self), let cluster = reader.readShort(),
            let node = reader.readNodeID(), NodeID.isName(cluster), reader.remaining == 0
        else {
            throw .damaged(
                Damage(file: fileName, offset: reader.position, after: .zero, reason: .identity))
        }
        return DirectoryIdentity(cluster: cluster, node: node, disk: DiskID(disk))
    }
}

/// What every file of the format starts with, in this version and all later ones: eight bytes of
/// magic, the version (4 bytes), and the checksum of everything else (4 bytes).
enum FormatVersion {
    static let current: UInt32 = 1
    static let versionOffset = 8
    static let checksumOffset = 12
    static let prefix = 16

    /// The checksum of all bytes but its own four.
    static func checksum(of bytes: [UInt8]) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes.span.extracting(0..<checksumOffset))
        checksum.update(bytes.span.extracting(prefix..<bytes.count))
        return checksum.value
    }

    /// Throws unless the bytes verify and are of this version. A newer version is told from damage
    /// by its checksum.
    static func check(
        _ bytes: [UInt8], magic: [UInt8], file: String, after: LogIndex, reason: Damage.Reason
    ) throws(LogFault) {
        guard bytes.count >= prefix, bytes.starts(with: magic),
            bytes.span.littleEndian(UInt32.self, at: checksumOffset) == checksum(of: bytes)
        else {
            throw .damaged(Damage(file: file, offset: 0, after: after, reason: reason))
        }
        let version = bytes.span.littleEndian(UInt32.self, at: versionOffset)
        if version > current { throw .newer(file: file, offset: versionOffset) }
        if version < current {
            throw .damaged(
                Damage(file: file, offset: versionOffset, after: after, reason: reason))
        }
    }
}

extension Span where Element == UInt8 {
    /// The last offset in the range whose byte is not zero.
    func lastNonzero(in range: Range<Int>) -> Int? {
        var offset = range.upperBound
        while offset > range.lowerBound {
            offset -= 1
            if self[offset] != 0 { return offset }
        }
        return nil
    }
}
