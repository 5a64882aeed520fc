import Primitives

/// A claim about a member, as it travels on pings and acks.
struct Rumour: Hashable, Sendable {
    /// The claim, with what belongs to it.
    enum Claim: Hashable, Sendable {
        /// The member says that it is there, and this of itself.
        case alive(Metadata)
        /// It did not answer that member.
        case suspect(by: NodeID)
        /// That member has given it up.
        case dead(by: NodeID)
        /// It has announced that it leaves.
        case left
    }

    /// The member that is suspected.
    var id: NodeID
    /// In which of the member's incarnations.
    var incarnation: UInt64
    /// What.
    var claim: Claim

    /// What of this takes precedence over what.
    var versionedState: VersionedState {
        let state: Member.State =
            switch claim {
            case .alive: .alive
            case .suspect: .suspect
            case .dead: .dead
            case .left: .left
            }
        return VersionedState(incarnation: incarnation, state: state)
    }

    /// The rumour that says of `member` what `teller` believes of it.
    init(about member: Member, by teller: NodeID) {
        id = member.id
        incarnation = member.incarnation
        claim =
            switch member.state {
            case .alive: .alive(member.metadata)
            case .suspect: .suspect(by: teller)
            case .dead: .dead(by: teller)
            case .left: .left
            }
    }

    init(id: NodeID, incarnation: UInt64, claim: Claim) {
        self.id = id
        self.incarnation = incarnation
        self.claim = claim
    }
}

extension Rumour {
    /// The fewest bytes that any rumour takes: `left`, of a name with one letter.
    static let fewestBytes = 11

    /// Its bytes, as `docs/wire-format.md` spells them.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.write(versionedState.state.rawValue)
        writer.writeShort(id.bytes)
        writer.write(incarnation)
        switch claim {
        case .alive(let metadata): writer.write(metadata)
        case .suspect(let accuser), .dead(let accuser): writer.writeShort(accuser.bytes)
        case .left: break
        }
        return writer.bytes
    }

    /// The next rumour, or nil where the bytes spell none.
    init?(from reader: inout ByteReader) {
        guard let number = reader.read(UInt8.self), let state = Member.State(rawValue: number),
            let id = reader.readNodeID(), let incarnation = reader.readIncarnation()
        else { return nil }
        self.id = id
        self.incarnation = incarnation
        switch state {
        case .alive:
            guard let metadata = reader.readMetadata() else { return nil }
            claim = .alive(metadata)
        case .suspect:
            guard let accuser = reader.readNodeID() else { return nil }
            claim = .suspect(by: accuser)
        case .dead:
            guard let accuser = reader.readNodeID() else { return nil }
            claim = .dead(by: accuser)
        case .left: claim = .left
        }
    }
}

extension ByteWriter {
    /// Appends a two-byte length and the metadata.
    mutating func write(_ metadata: Metadata) {
        write(UInt16(metadata.encoded.count))
        write(metadata.encoded)
    }
}

extension ByteReader {
    /// The next incarnation, or nil where the bytes end or it is out of range.
    mutating func readIncarnation() -> UInt64? {
        read(UInt64.self).flatMap { $0 < GossipLimits.incarnation ? $0 : nil }
    }

    /// The next metadata behind its length, or nil where the bytes spell none.
    mutating func readMetadata() -> Metadata? {
        guard let length = read(UInt16.self), length <= GossipLimits.metadata,
            let bytes = read(count: Int(length))
        else { return nil }
        return Metadata(encoded: bytes)
    }
}
