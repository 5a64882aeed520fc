import Primitives
import Raft

extension FrameEncoder {
    /// Appends the body of a message of the cores. All of them begin with the sender's term.
    static func write(_ message: Message, into writer: inout ByteWriter) {
        writer.write(message.term.number)
        switch message {
        case .preVoteRequest(let message):
            write(message.last, into: &writer)
        case .preVoteReply(let message):
            writer.write(message.askedIn.number)
            writer.write(UInt8(message.granted ? 1 : 0))
        case .voteRequest(let message):
            write(message.last, into: &writer)
        case .voteReply(let message):
            writer.write(UInt8(message.granted ? 1 : 0))
        case .appendEntries(let message):
            write(message.previous, into: &writer)
            writer.write(message.commit.number)
            writer.write(message.round)
            writer.write(message.voidTransfers)
            writer.write(message.entries.bytes)
        case .appendReply(let message):
            writer.write(message.round)
            writeOutcome(of: message, into: &writer)
        case .readIndexRequest(let message):
            write(message.id, into: &writer)
        case .readIndexReply(let message):
            write(message.id, into: &writer)
            writer.write(message.index.number)
        case .timeoutNow(let message):
            writer.write(message.transfer)
            write(message.last, into: &writer)
        case .installSnapshot(let message):
            writer.write(message.round)
            write(message.last, into: &writer)
            writer.write(message.total)
            writer.write(message.offset)
            writer.write(message.bytes)
        case .snapshotReply(let message):
            writer.write(message.round)
            write(message.last, into: &writer)
            writer.write(message.received)
        }
    }

    private static func write(_ id: EntryID, into writer: inout ByteWriter) {
        writer.write(id.index.number)
        writer.write(id.term.number)
    }

    private static func write(_ id: ReadID, into writer: inout ByteWriter) {
        writer.write(id.nonce)
        writer.write(id.counter)
    }

    private static func writeOutcome(of reply: AppendReply, into writer: inout ByteWriter) {
        switch reply.outcome {
        case .matched(let index):
            writer.write(UInt8(reply.isDiskFull ? 2 : 0))
            writer.write(index.number)
        case .conflict(let rejected, let hint):
            precondition(!reply.isDiskFull, "a conflict says nothing of the disk")
            writer.write(UInt8(1))
            writer.write(rejected.number)
            write(hint, into: &writer)
        }
    }
}
