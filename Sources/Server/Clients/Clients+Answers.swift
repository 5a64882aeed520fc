import HTTP
import Posix
import Primitives
import Replica

/// Answers as bytes.
extension Server {
    /// Writes the replica's answer to the exchange at that position.
    mutating func answer(
        _ client: ClientConnection, at position: Int, _ answer: Replica.Answer
    ) {
        if client.exchanges[position].page == .readiness {
            return answerReadiness(client, at: position, answer)
        }
        switch answer {
        case .value(let receipt): self.answer(client, at: position, receipt)
        case .overflow(let receipt):
            self.answer(
                client, at: position,
                ProblemDetails(
                    .overflow,
                    "The sum leaves the range of a 64-bit integer; the value stays \(receipt.value)."
                ))
        case .redirect(let leader, let authority):
            redirect(client, at: position, to: leader, authority)
        case .leads(let leader, let term): answerLeader(client, at: position, leader, term)
        case .notAVoter:
            self.answer(
                client, at: position,
                ProblemDetails(
                    .unknownNode, "Leadership can go to a voter only; /status names them."))
        case .transferFailed:
            self.answer(
                client, at: position,
                ProblemDetails(
                    .transferFailed, "Leadership did not move in time; /status says who leads."))
        case .unavailable(.noLeader): self.answer(client, at: position, lostLeader)
        case .unavailable(let reason): self.answer(client, at: position, reason.problem)
        case .unknownOutcome:
            self.answer(
                client, at: position,
                ProblemDetails(
                    .unknownOutcome,
                    """
                    The write was not known to be committed in time. It may be committed or not, now or \
                    later.
                    """))
        }
    }

    private mutating func answer(
        _ client: ClientConnection, at position: Int, _ receipt: Replica.Receipt
    ) {
        let encoder = encoder
        let nodeName = nodeName
        var page = page
        client.answer(at: position) { exchange, output in
            let isKnown =
                exchange.page == .read
                && exchange.condition?.matches(receipt.lastChange.number) == true
            encoder.begin(isKnown ? .notModified : .ok, closing: exchange.closes, into: &output)
            encoder.field("Tally-Index", receipt.entry.index.number, into: &output)
            encoder.field("Tally-Term", receipt.entry.term.number, into: &output)
            encoder.field("Tally-Node", nodeName, into: &output)
            if exchange.page == .read {
                encoder.field("ETag", quoting: receipt.lastChange.number, into: &output)
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
        self.page = page
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
        _ client: ClientConnection, at position: Int, _ problem: ProblemDetails,
        allow: StaticString? = nil
    ) {
        let encoder = encoder
        client.answer(at: position) { exchange, output in
            Server.render(
                problem, allow: allow, isHead: exchange.isHead, closes: exchange.closes,
                with: encoder, into: &output)
        }
        markDirty(client)
    }

    func render(
        _ problem: ProblemDetails, allow: StaticString?, isHead: Bool, closes: Bool,
        into output: inout [UInt8]
    ) {
        Server.render(
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
    fileprivate var problem: ProblemDetails {
        switch self {
        case .noLeader:
            ProblemDetails(.noLeader, "No leader is known, or none could be confirmed in time.")
        case .forming:
            ProblemDetails(
                .forming, "The cluster is not founded yet; /status says who is missing.")
        case .superseded:
            ProblemDetails(.superseded, "Another entry was committed in this write's place.")
        case .overloaded: ProblemDetails(.overloaded, "Too many requests wait at this node.")
        case .stopping: ProblemDetails(.stopping, "This node is about to end.")
        }
    }
}

extension Server {
    /// No leader could be asked; where the majority is gone, that is why.
    var lostLeader: ProblemDetails {
        guard let report = lostMajority else { return Replica.Unavailable.noLeader.problem }
        return ProblemDetails(.noLeader, report.sentence)
    }

    /// One connection more than fit.
    var overload: ProblemDetails {
        ProblemDetails(.overloaded, "This node serves \(clientLimit) connections already.")
    }
}
