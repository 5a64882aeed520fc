import ClusterHarness
import Posix
import Primitives

/// Somebody who speaks the gossip's language without being a node: spells messages as
/// docs/wire-format.md has them, and believes nothing that it is told.
///
/// It says that it does not know the cluster to be founded, and so needs no digest.
final class GossipForger {
    /// What a forged rumour says.
    enum Claim {
        case alive(NodeID, UInt64, http: String, raft: String, gossip: String)
        case suspect(NodeID, UInt64, by: NodeID)
        case dead(NodeID, UInt64, by: NodeID)
        case left(NodeID, UInt64)
    }

    private let cluster: [UInt8]
    private let socket: UDPSocket
    private var buffer = [UInt8](repeating: 0, count: 2_048)
    private var number: UInt64 = 0

    /// What came so far, the newest 64 of it.
    private(set) var heard: [[UInt8]] = []

    init(cluster: String) throws {
        self.cluster = Array(cluster.utf8)
        socket = try UDPSocket(bindingTo: .loopback(port: 0))
    }

    /// Where it can be reached.
    var address: SocketAddress { socket.localAddress }

    /// Sends bytes as they are; they may be lost.
    func send(_ bytes: [UInt8], to target: SocketAddress) throws {
        _ = try socket.send(bytes, to: target)
    }

    /// Says rumours to a node, with a ping in the name of `sender`.
    func tell(
        _ claims: [Claim], to node: NodeID, at target: SocketAddress, as sender: NodeID
    ) throws {
        number += 1
        var body = ByteWriter()
        body.write(number)
        body.writeShort(node.bytes)
        for claim in claims { append(claim, to: &body) }
        try send(message(1, from: sender, body.bytes), to: target)
    }

    /// Takes in what has come, and acknowledges pings in the name of `name`.
    func answer(as name: NodeID) throws {
        while let (count, source) = try socket.receive(into: &buffer) {
            let bytes = Array(buffer[..<count])
            heard.append(bytes)
            if heard.count > 64 { heard.removeFirst() }
            guard let ping = pingNumber(of: bytes) else { continue }
            var body = ByteWriter()
            body.write(ping)
            body.writeShort(name.bytes)
            try send(message(2, from: name, body.bytes), to: source)
        }
    }

    /// A whole message of that kind.
    func message(_ kind: UInt8, from sender: NodeID, _ body: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Array("TLYG".utf8))
        writer.write([1, kind, 0, 0] as [UInt8])
        writer.write(UInt32(0))
        writer.write(UInt64(0))
        writer.writeShort(cluster)
        writer.writeShort(sender.bytes)
        writer.write(body)
        return GossipForger.withChecksum(writer.bytes)
    }

    /// The message with its checksum put right.
    static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 12 else { return bytes }
        var checksum = CRC32C()
        let covered = Array(bytes[..<8] + bytes[12...])
        checksum.update(covered.span)
        var bytes = bytes
        for place in 0..<4 {
            bytes[8 + place] = UInt8(truncatingIfNeeded: checksum.value >> UInt32(8 * place))
        }
        return bytes
    }

    private func append(_ claim: Claim, to writer: inout ByteWriter) {
        func head(_ kind: UInt8, _ node: NodeID, _ incarnation: UInt64) {
            writer.write(kind)
            writer.writeShort(node.bytes)
            writer.write(incarnation)
        }
        switch claim {
        case .alive(let node, let incarnation, let http, let raft, let gossip):
            head(0, node, incarnation)
            var metadata = ByteWriter()
            metadata.write(UInt8(1))
            for text in [http, raft, gossip, "9.9"] { metadata.writeShort(Array(text.utf8)) }
            writer.write(UInt16(metadata.count))
            writer.write(metadata.bytes)
        case .suspect(let node, let incarnation, let by):
            head(1, node, incarnation)
            writer.writeShort(by.bytes)
        case .dead(let node, let incarnation, let by):
            head(2, node, incarnation)
            writer.writeShort(by.bytes)
        case .left(let node, let incarnation): head(3, node, incarnation)
        }
    }

    /// The number of a ping, nil where the message is none.
    private func pingNumber(of bytes: [UInt8]) -> UInt64? {
        var reader = ByteReader(bytes)
        guard reader.read(count: 20) != nil, bytes[5] == 1, reader.readShort() != nil,
            reader.readShort() != nil
        else { return nil }
        return reader.read(UInt64.self)
    }
}
