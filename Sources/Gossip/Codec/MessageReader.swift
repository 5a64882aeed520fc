import Primitives

/// Takes messages apart, and believes nothing that it has not checked. The checks and their order
/// are those of `docs/wire-format.md`.
enum MessageReader {
    /// The message that came that way. Whether it is for this cluster is for others to say.
    static func read(
        _ bytes: [UInt8], by way: MessageKind.Way
    ) throws(MessageFault) -> Envelope {
        let isStream = way != .datagram
        let limit = isStream ? GossipLimits.stream : GossipLimits.datagram
        guard bytes.count <= limit else { throw .oversized }
        var reader = ByteReader(bytes)
        if isStream {
            guard let length = reader.read(UInt32.self), Int(length) == reader.remaining else {
                throw .malformed
            }
        }
        let start = reader.position
        guard let envelope = envelope(from: &reader, startingAt: start, in: bytes, by: way) else {
            throw .malformed
        }
        return envelope
    }

    private static func envelope(
        from reader: inout ByteReader, startingAt start: Int, in bytes: [UInt8],
        by way: MessageKind.Way
    ) -> Envelope? {
        guard let magic = reader.read(count: MessageWriter.magic.count),
            magic == MessageWriter.magic,
            reader.read(UInt8.self) == MessageWriter.version,
            let number = reader.read(UInt8.self), let kind = MessageKind(rawValue: number),
            kind.comes(by: way),
            let founded = reader.read(UInt8.self), founded <= 1,
            reader.read(UInt8.self) == 0,
            let checksum = reader.read(UInt32.self),
            checksum == MessageWriter.checksum(of: bytes, from: start),
            let digest = reader.read(UInt64.self), founded == 1 || digest == 0,
            let cluster = reader.readShort(), NodeID.isName(cluster),
            let sender = reader.readNodeID(),
            let message = message(of: kind, from: &reader), reader.remaining == 0
        else { return nil }
        return Envelope(
            cluster: cluster, digest: founded == 1 ? FoundingDigest(digest) : nil, sender: sender,
            message: message)
    }

    private static func message(of kind: MessageKind, from reader: inout ByteReader) -> Message? {
        switch kind {
        case .ping:
            probe(from: &reader).map { .ping(number: $0.number, target: $0.name, rumours: $0.told) }
        case .ack:
            probe(from: &reader).map { .ack(number: $0.number, subject: $0.name, rumours: $0.told) }
        case .pingRequest:
            probe(from: &reader).map {
                .pingRequest(number: $0.number, target: $0.name, rumours: $0.told)
            }
        case .nack: reader.read(UInt64.self).map { .nack(number: $0) }
        case .state: entries(from: &reader).map { .state($0) }
        case .stateAnswer: entries(from: &reader).map { .stateAnswer($0) }
        }
    }

    private static func probe(
        from reader: inout ByteReader
    ) -> (number: UInt64, name: NodeID, told: [Rumour])? {
        guard let number = reader.read(UInt64.self), let name = reader.readNodeID() else {
            return nil
        }
        var rumours: [Rumour] = []
        while reader.remaining > 0 {
            guard let rumour = Rumour(from: &reader) else { return nil }
            rumours.append(rumour)
        }
        return (number, name, rumours)
    }

    private static func entries(from reader: inout ByteReader) -> [Message.Entry]? {
        var entries: [Message.Entry] = []
        while reader.remaining > 0 {
            // No member table holds more, and each entry costs its reader time.
            guard entries.count <= GossipLimits.members,
                let number = reader.read(UInt8.self), let state = Member.State(rawValue: number),
                let id = reader.readNodeID(), let incarnation = reader.readIncarnation(),
                let metadata = reader.readMetadata()
            else { return nil }
            let versionedState = VersionedState(incarnation: incarnation, state: state)
            entries.append(
                Message.Entry(id: id, versionedState: versionedState, metadata: metadata))
        }
        return entries
    }
}
