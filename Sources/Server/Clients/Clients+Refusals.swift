import HTTP
import Raft

/// Answers to writes that stand in the log and changed nothing there.
extension Clients {
    /// The sum leaves Int64.
    mutating func answerOverflow(
        _ client: ClientConnection, at position: Int, _ receipt: Receipt
    ) {
        let detail =
            "The sum leaves the range of a 64-bit integer; the value stays \(receipt.value)."
        answer(
            client, at: position, with: ProblemDetails(.overflow, detail), decidedAt: receipt.entry,
            isReplay: receipt.isReplay)
    }

    /// The last change is none of those that the client demands; the tag of the present value is told, as
    /// in the answer to a read.
    mutating func answerFailedPrecondition(
        _ client: ClientConnection, at position: Int, _ receipt: Receipt
    ) {
        let detail = """
            The last change is at index \(receipt.lastChange), which If-Match does not name; the value \
            stays \(receipt.value).
            """
        answer(
            client, at: position, with: ProblemDetails(.preconditionFailed, detail),
            decidedAt: receipt.entry, isReplay: receipt.isReplay, tag: receipt.lastChange)
    }

    mutating func answerReusedKey(
        _ client: ClientConnection, at position: Int, _ entry: EntryID
    ) {
        let detail =
            "This Idempotency-Key was used with another command; each command needs a key of its own."
        answer(client, at: position, with: ProblemDetails(.keyReused, detail), decidedAt: entry)
    }

    mutating func answerExpiredKey(
        _ client: ClientConnection, at position: Int, _ entry: EntryID
    ) {
        let detail = """
            This Idempotency-Key is unknown, and keys used since Tally-First-Index are forgotten \
            already. This request was not applied; what became of earlier ones with the key is no \
            longer known.
            """
        answer(client, at: position, with: ProblemDetails(.keyExpired, detail), decidedAt: entry)
    }

    private mutating func answer(
        _ client: ClientConnection, at position: Int, with problem: ProblemDetails,
        decidedAt entry: EntryID, isReplay: Bool = false, tag: UInt64? = nil
    ) {
        let (encoder, nodeName) = (encoder, nodeName)
        client.answer(at: position) { exchange, output in
            encoder.begin(problem.status, closing: exchange.closes, into: &output)
            encoder.place(entry, isReplay: isReplay, nodeName, into: &output)
            if let tag { encoder.field("ETag", quoting: tag, into: &output) }
            var body: [UInt8] = []
            problem.append(to: &body)
            encoder.finish(
                body, type: ProblemDetails.mediaType, isHead: exchange.isHead, into: &output)
        }
        markDirty(client)
    }
}

extension ResponseEncoder {
    /// Appends which entry the answer comes from, whether it is the answer to an earlier request again, and
    /// which node gives it.
    func place(
        _ entry: EntryID, isReplay: Bool, _ nodeName: [UInt8], into output: inout [UInt8]
    ) {
        field("Tally-Index", entry.index.number, into: &output)
        field("Tally-Term", entry.term.number, into: &output)
        field("Tally-Node", nodeName, into: &output)
        if isReplay { field("Tally-Replayed", "true", into: &output) }
    }
}
