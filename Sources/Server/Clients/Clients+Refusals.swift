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
        var problem = ProblemDetails(.overflow, detail)
        problem.isReplay = receipt.isReplay
        answer(client, at: position, with: problem, decidedAt: receipt.entry)
    }

    /// The last change is none of those that the client demands; the tag of the present value is told, as
    /// in the answer to a read. A replay tells how it was at the first try, so it has no tag.
    mutating func answerFailedPrecondition(
        _ client: ClientConnection, at position: Int, _ receipt: Receipt
    ) {
        answer(
            client, at: position, with: .preconditionFailed(receipt), decidedAt: receipt.entry,
            tag: receipt.isReplay ? nil : receipt.lastChange)
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
        decidedAt entry: EntryID, tag: UInt64? = nil
    ) {
        let (encoder, nodeName) = (encoder, nodeName)
        client.answer(at: position) { exchange, output in
            encoder.begin(problem.status, closing: exchange.closes, into: &output)
            encoder.place(entry, isReplay: problem.isReplay, nodeName, into: &output)
            if let tag { encoder.field("ETag", quoting: tag, into: &output) }
            var body: [UInt8] = []
            problem.append(to: &body)
            encoder.finish(
                body, type: ProblemDetails.mediaType, isHead: exchange.isHead, into: &output)
        }
        markDirty(client)
    }
}

extension ProblemDetails {
    /// The last change is none of those that the client demanded: now, or at the first try with its key.
    static func preconditionFailed(_ receipt: Receipt) -> ProblemDetails {
        let detail =
            receipt.isReplay
            ? """
            At the first try the last change was at index \(receipt.lastChange), which If-Match does not \
            name; the value stayed \(receipt.value).
            """
            : """
            The last change is at index \(receipt.lastChange), which If-Match does not name; the value \
            stays \(receipt.value).
            """
        var problem = ProblemDetails(.preconditionFailed, detail)
        problem.isReplay = receipt.isReplay
        return problem
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
