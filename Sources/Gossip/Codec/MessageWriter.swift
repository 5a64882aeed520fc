import Primitives

/// Spells one message, from its header to its checksum.
///
/// ```
///            0       4         5      6         7          8          12       20
/// │ length │ magic │ version │ kind │ founded │ reserved │ checksum │ digest │ cluster │ sender │ body …
/// on streams
/// ```
struct MessageWriter {
    static let magic: [UInt8] = Array("TLYG".utf8)
    static let version: UInt8 = 1
    static let kindOffset = 5
    static let checksumOffset = 8
    static let checkedOffset = 12

    /// All that one member's messages have in common: the header, with kind and checksum still
    /// empty.
    struct Header {
        let bytes: [UInt8]

        init(cluster: [UInt8], digest: FoundingDigest?, sender: NodeID) {
            var writer = ByteWriter(capacity: 96)
            writer.write(MessageWriter.magic)
            writer.write(MessageWriter.version)
            writer.write(UInt8(0))
            writer.write(UInt8(digest == nil ? 0 : 1))
            writer.write(UInt8(0))
            writer.write(UInt32(0))
            writer.write(digest?.number ?? 0)
            writer.writeShort(cluster)
            writer.writeShort(sender.bytes)
            bytes = writer.bytes
        }
    }

    private var writer: ByteWriter
    /// Where the message begins: behind the length, on a stream.
    private let start: Int

    /// Begins a message of that kind.
    init(_ kind: MessageKind, _ header: Header, onStream isStream: Bool) {
        start = isStream ? Gossip.streamHeaderLength : 0
        writer = ByteWriter(capacity: isStream ? 256 : 512)
        if isStream { writer.write(UInt32(0)) }
        writer.write(header.bytes)
        writer.overwrite(kind.rawValue, at: start + MessageWriter.kindOffset)
    }

    /// How many bytes it has so far, its length on a stream included.
    var count: Int { writer.count }

    /// How many more bytes the message may take.
    var room: Int {
        (start == 0 ? GossipLimits.datagram : GossipLimits.stream) - writer.count
    }

    mutating func write(_ number: UInt64) { writer.write(number) }

    mutating func write(_ name: NodeID) { writer.writeShort(name.bytes) }

    /// Appends a rumour's bytes.
    mutating func write(rumour bytes: [UInt8]) { writer.write(bytes) }

    /// Appends one member of a full state, unless it does not fit any more; says whether it did.
    mutating func write(_ entry: Message.Entry) -> Bool {
        let name = entry.id.bytes
        guard 12 + name.count + entry.metadata.encoded.count <= room else { return false }
        writer.write(entry.versionedState.state.rawValue)
        writer.writeShort(name)
        writer.write(entry.versionedState.incarnation)
        writer.write(entry.metadata)
        return true
    }

    /// The whole message.
    consuming func finished() -> [UInt8] {
        precondition(room >= 0, "a message that is \(-room) bytes too long")
        if start > 0 { writer.overwrite(UInt32(writer.count - start), at: 0) }
        let checksum = MessageWriter.checksum(of: writer.bytes, from: start)
        writer.overwrite(checksum, at: start + MessageWriter.checksumOffset)
        return writer.bytes
    }

    /// The checksum of the message that goes from `start` to the end: over all but its own field.
    static func checksum(of bytes: [UInt8], from start: Int) -> UInt32 {
        var checksum = CRC32C()
        let span = bytes.span
        checksum.update(span.extracting(start..<start + checksumOffset))
        checksum.update(span.extracting(start + checkedOffset..<span.count))
        return checksum.value
    }
}

extension Envelope {
    /// The whole message's bytes, on a stream with its length in front.
    func bytes(onStream isStream: Bool) -> [UInt8] {
        let header = MessageWriter.Header(cluster: cluster, digest: digest, sender: sender)
        var writer = MessageWriter(message.kind, header, onStream: isStream)
        switch message {
        case .ping(let number, let name, let rumours), .ack(let number, let name, let rumours),
            .pingRequest(let number, let name, let rumours):
            writer.write(number)
            writer.write(name)
            for rumour in rumours { writer.write(rumour: rumour.bytes) }
        case .nack(let number): writer.write(number)
        case .state(let entries), .stateAnswer(let entries):
            for entry in entries {
                let hasFitted = writer.write(entry)
                precondition(hasFitted, "a state of \(entries.count) members")
            }
        }
        return writer.finished()
    }
}

extension Message {
    var kind: MessageKind {
        switch self {
        case .ping: .ping
        case .ack: .ack
        case .pingRequest: .pingRequest
        case .nack: .nack
        case .state: .state
        case .stateAnswer: .stateAnswer
        }
    }
}
