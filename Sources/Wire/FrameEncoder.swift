import Founding
import Primitives
import Raft

/// Spells messages as frames.
public enum FrameEncoder {
    /// What AppendEntries takes beside its entries: term, previous, commit, round and void transfers.
    static let appendEntriesOverhead = 48

    /// Appends the message as one frame at the end of `bytes`.
    ///
    /// The message must obey the rules of `docs/wire-format.md`: the entries of AppendEntries take
    /// at most `Limits.entries` bytes; the texts of a hello or a refusal are those of this process
    /// and were checked where they came from. The batch's bytes are copied once, and nothing is
    /// allocated but what `bytes` needs to grow.
    public static func append(_ message: PeerMessage, to bytes: inout [UInt8]) {
        // The writer takes the buffer over, so that it has one owner and grows in place.
        var writer = ByteWriter()
        swap(&writer.bytes, &bytes)
        let kind = FrameKind(of: message)
        let start = writer.count
        writer.write(UInt32(0))
        writer.write(Frame.version(of: message))
        writer.write(kind.rawValue)
        writer.write(UInt16(0))
        writer.write(UInt32(0))
        writeBody(of: message, into: &writer)
        let length = writer.count - start - Frame.headerLength
        precondition(length <= kind.largestBody, "a \(kind) of \(length) bytes")
        writer.overwrite(UInt32(length), at: start)
        let checksum = Frame.checksum(of: writer.bytes, from: start, to: writer.count)
        writer.overwrite(checksum, at: start + Frame.checksumOffset)
        swap(&writer.bytes, &bytes)
    }

    private static func writeBody(of message: PeerMessage, into writer: inout ByteWriter) {
        switch message {
        case .hello(let hello), .welcome(let hello): write(hello, into: &writer)
        case .refusal(let refusal): write(refusal, into: &writer)
        case .founding(let state): write(state, into: &writer)
        case .ping(let number), .pong(let number): writer.write(number)
        case .stateHash(let hash):
            writer.write(hash.index.number)
            writer.write(hash.hash)
        case .raft(let message): write(message, into: &writer)
        }
    }

    private static func write(_ hello: Hello, into writer: inout ByteWriter) {
        precondition(hello.isWellFormed, "a malformed hello: \(hello)")
        writer.writeShort(hello.cluster)
        writer.writeShort(hello.node.bytes)
        writer.write(hello.disk.number)
        writer.write(hello.nonce)
        writer.write(hello.earlierStarts.count)
        writer.write(UInt8(hello.earlierStarts.nonces.count))
        for nonce in hello.earlierStarts.nonces { writer.write(nonce) }
        write(hello.founding, into: &writer)
        writer.write(UInt8(hello.voters.count))
        for voter in hello.voters { writer.writeShort(voter.bytes) }
        writer.writeShort(hello.http)
        writer.writeShort(hello.raft)
        if let levels = hello.levels {
            writer.write(levels.lowerBound.number)
            writer.write(levels.upperBound.number)
            if let origin = hello.origin {
                writer.write(Hello.originTag)
                writer.write(origin)
            }
            if let end = hello.logEnd {
                writer.write(Hello.logEndTag)
                write(end, into: &writer)
            }
        }
    }

    private static func write(_ refusal: Refusal, into writer: inout ByteWriter) {
        precondition(refusal.isWellFormed, "a malformed refusal: \(refusal)")
        writer.write(refusal.reason.rawValue)
        writer.write(UInt16(refusal.detail.count))
        writer.write(refusal.detail)
    }

    private static func write(_ state: FoundingState, into writer: inout ByteWriter) {
        switch state {
        case .newborn:
            writer.write(UInt8(0))
        case .pledged(let record):
            writer.write(UInt8(1))
            record.encode(into: &writer)
        case .founded(let record):
            writer.write(UInt8(2))
            record.encode(into: &writer)
        }
    }
}
