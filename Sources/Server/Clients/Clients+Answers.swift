import HTTP
import Posix
import Primitives
import Replica

/// Answers as bytes.
extension Clients {
    /// Writes the node's reply to the exchange at that position.
    mutating func answer(
        _ client: ClientConnection, at position: Int, _ reply: Reply,
        _ core: borrowing CounterNode
    ) {
        if client.exchanges[position].page == .readiness {
            return answerReadiness(client, at: position, reply, core)
        }
        if client.exchanges[position].page == .snapshot, case .value = reply {
            return noteConfirmedSnapshot(client, at: position)
        }
        switch reply {
        case .value(let receipt): answer(client, at: position, receipt)
        case .overflow(let receipt): answerOverflow(client, at: position, receipt)
        case .preconditionFailed(let receipt):
            answerFailedPrecondition(client, at: position, receipt)
        case .keyReused(let entry): answerReusedKey(client, at: position, entry)
        case .keyExpired(let entry): answerExpiredKey(client, at: position, entry)
        case .redirect(let leader, let authority):
            redirect(client, at: position, to: leader, authority)
        case .leads(let leader, let term): answerLeader(client, at: position, leader, term)
        case .notAVoter:
            answer(
                client, at: position,
                with: ProblemDetails(
                    .unknownNode, "Leadership can go to a voter only; /status names them."))
        case .transferFailed:
            answer(
                client, at: position,
                with: ProblemDetails(
                    .transferFailed, "Leadership did not move in time; /status says who leads."))
        case .unavailable(.noLeader): answer(client, at: position, with: lostLeader(core))
        case .unavailable(let reason): answer(client, at: position, with: reason.problem)
        case .unknownOutcome:
            answer(
                client, at: position,
                with: ProblemDetails(
                    .unknownOutcome,
                    """
                    The write was not known to be committed in time. It may be committed or not, now or \
                    later.
                    """))
        }
    }

    private mutating func answer(
        _ client: ClientConnection, at position: Int, _ receipt: Receipt
    ) {
        let encoder = encoder
        let nodeName = nodeName
        // Taken out for the while, or the closure's copy would be a second owner and copy the bytes.
        var page: [UInt8] = []
        swap(&page, &self.page)
        client.answer(at: position) { exchange, output in
            let isKnown =
                exchange.page == .read
                && exchange.condition?.matches(receipt.lastChange) == true
            encoder.begin(isKnown ? .notModified : .ok, closing: exchange.closes, into: &output)
            encoder.place(receipt.entry, isReplay: receipt.isReplay, nodeName, into: &output)
            if exchange.page == .read {
                encoder.field("ETag", quoting: receipt.lastChange, into: &output)
            }
            if isKnown { return encoder.finishWithoutContent(into: &output) }
            page.removeAll(keepingCapacity: true)
            if exchange.wantsJSON {
                ValuePage.renderJSON(receipt, into: &page)
                encoder.finish(
                    page, type: "application/json", isHead: exchange.isHead, into: &output)
            } else {
                DecimalDigits.append(receipt.value, to: &page)
                page.append(UInt8(ascii: "\n"))
                encoder.finish(page, type: "text/plain", isHead: exchange.isHead, into: &output)
            }
        }
        swap(&page, &self.page)
        markDirty(client)
    }

    /// Answers the newest request with the methods that there are.
    mutating func answerOptions(_ client: ClientConnection, _ allow: StaticString) {
        let encoder = encoder
        client.answer(at: client.exchanges.count - 1) { exchange, output in
            encoder.begin(.noContent, closing: exchange.closes, into: &output)
            encoder.field("Allow", allow, into: &output)
            encoder.finishWithoutContent(into: &output)
        }
        markDirty(client)
    }

    /// Answers the newest request with what is in `page`.
    mutating func answerPage(
        _ type: StaticString, _ status: Status, _ client: ClientConnection, at position: Int? = nil
    ) {
        let encoder = encoder
        let page = page
        client.answer(at: position ?? client.exchanges.count - 1) { exchange, output in
            encoder.begin(status, closing: exchange.closes, into: &output)
            if status == .serviceUnavailable {
                encoder.field("Retry-After", 1, into: &output)
            }
            encoder.finish(page, type: type, isHead: exchange.isHead, into: &output)
        }
        markDirty(client)
    }

    /// Answers with a problem.
    mutating func answer(
        _ client: ClientConnection, at position: Int, with problem: ProblemDetails,
        allow: StaticString? = nil
    ) {
        let encoder = encoder
        client.answer(at: position) { exchange, output in
            Clients.render(
                problem, allow: allow, isHead: exchange.isHead, closes: exchange.closes,
                with: encoder, into: &output)
        }
        markDirty(client)
    }

    func render(
        _ problem: ProblemDetails, allow: StaticString?, isHead: Bool, closes: Bool,
        into output: inout [UInt8]
    ) {
        Clients.render(
            problem, allow: allow, isHead: isHead, closes: closes, with: encoder, into: &output)
    }

    static func render(
        _ problem: ProblemDetails, allow: StaticString?, isHead: Bool, closes: Bool,
        with encoder: ResponseEncoder, into output: inout [UInt8]
    ) {
        encoder.begin(problem.status, closing: closes, into: &output)
        if let allow { encoder.field("Allow", allow, into: &output) }
        if problem.status == .serviceUnavailable { encoder.field("Retry-After", 1, into: &output) }
        var body: [UInt8] = []
        problem.append(to: &body)
        encoder.finish(body, type: ProblemDetails.mediaType, isHead: isHead, into: &output)
    }
}

extension Replica.Unavailable {
    /// The reason in the contract's words.
    var problem: ProblemDetails {
        switch self {
        case .noLeader:
            ProblemDetails(.noLeader, "No leader is known, or none could be confirmed in time.")
        case .forming:
            ProblemDetails(
                .forming, "The cluster is not founded yet; /status says who is missing.")
        case .superseded:
            ProblemDetails(.superseded, "Another entry was committed in this write's place.")
        case .overloaded: ProblemDetails(.overloaded, "Too many requests wait at this node.")
        case .diskFull:
            ProblemDetails(
                .diskFull,
                """
                The leader's disk is full and no other node could take the leadership over, or the \
                disks of so many nodes are full that no majority has room.
                """)
        case .stopping: ProblemDetails(.stopping, "This node is about to end.")
        case .diverged:
            ProblemDetails(
                .diverged,
                """
                The voters' states differ, and none of them has a majority: nobody knows which is right. \
                The nodes' logs say where.
                """)
        case .unsupported:
            ProblemDetails(
                .notSupported,
                """
                Idempotency-Key and If-Match need a newer version of tally on all nodes of the \
                cluster; upgrade those that run an older one, or wait until all voters have been \
                connected.
                """)
        }
    }
}

extension Clients {
    /// No leader could be asked; where the majority is gone, that is why.
    func lostLeader(_ core: borrowing CounterNode) -> ProblemDetails {
        guard let report = core.lostMajority else { return Replica.Unavailable.noLeader.problem }
        return ProblemDetails(.noLeader, report.sentence)
    }

    /// One connection more than fit.
    var overload: ProblemDetails {
        ProblemDetails(.overloaded, "This node serves \(limit) connections already.")
    }
}
