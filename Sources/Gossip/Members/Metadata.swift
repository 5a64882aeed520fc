import Primitives

/// What a member hints about its part in the quorum. A hint and no more: who votes is Raft's to
/// say.
public enum RoleHint: UInt8, Hashable, Sendable {
    /// It believes itself to be no part of it.
    case none = 0
    /// It believes itself to be a voter.
    case voter = 1
    /// It believes itself to be a learner.
    case learner = 2
}

/// What a member says of itself: where it is reached, and as what.
///
/// It is kept as the bytes that travel, in one block, since a node holds one for each member.
public struct Metadata: Hashable, Sendable {
    /// The bytes, as `docs/wire-format.md` spells them; at most `GossipLimits.metadata`.
    let encoded: [UInt8]

    /// What a member says of itself, or nil where an address is longer than `GossipLimits.address`
    /// bytes, the version longer than `GossipLimits.version` bytes or not visible ASCII, or all of it
    /// longer than `GossipLimits.metadata` bytes.
    ///
    /// - Parameters:
    ///   - http: where clients are told to go.
    ///   - raft: where peers dial.
    ///   - gossip: where other members send datagrams and open streams.
    ///   - role: a hint about the part in the quorum.
    ///   - version: the program's version as text, which may be empty.
    public init?(http: Address, raft: Address, gossip: Address, role: RoleHint, version: [UInt8]) {
        guard Metadata.isVersion(version) else { return nil }
        var writer = ByteWriter()
        writer.write(role.rawValue)
        for address in [http, raft, gossip] {
            let text = address.bytes
            guard text.count <= GossipLimits.address else { return nil }
            writer.writeShort(text)
        }
        writer.writeShort(version)
        guard writer.count <= GossipLimits.metadata else { return nil }
        encoded = writer.bytes
    }

    /// What those bytes spell, or nil where they break a rule or are not used up.
    init?(encoded bytes: [UInt8]) {
        guard bytes.count <= GossipLimits.metadata else { return nil }
        var reader = ByteReader(bytes)
        guard let role = reader.read(UInt8.self), RoleHint(rawValue: role) != nil else {
            return nil
        }
        for _ in 0..<3 {
            guard let text = reader.readShort(), text.count <= GossipLimits.address,
                Address(bytes: text) != nil
            else { return nil }
        }
        guard let version = reader.readShort(), Metadata.isVersion(version), reader.remaining == 0
        else { return nil }
        encoded = bytes
    }

    private static func isVersion(_ bytes: [UInt8]) -> Bool {
        bytes.count <= GossipLimits.version && bytes.allSatisfy(\.isVisible)
    }

    /// The hint about its part in the quorum.
    public var role: RoleHint {
        guard let role = RoleHint(rawValue: encoded[0]) else {
            preconditionFailure("metadata with the role \(encoded[0])")
        }
        return role
    }

    /// Where clients are told to go.
    public var http: Address { address(0) }
    /// Where peers dial.
    public var raft: Address { address(1) }
    /// Where other members send datagrams and open streams.
    public var gossip: Address { address(2) }
    /// The program's version as text.
    public var version: [UInt8] { text(3) }

    private func address(_ position: Int) -> Address {
        guard let address = Address(bytes: text(position)) else {
            preconditionFailure("metadata without its address \(position)")
        }
        return address
    }

    /// The short text that stands behind so many others.
    private func text(_ position: Int) -> [UInt8] {
        var start = 1
        for _ in 0..<position { start += 1 + Int(encoded[start]) }
        return Array(encoded[start + 1..<start + 1 + Int(encoded[start])])
    }
}
