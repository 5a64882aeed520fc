/// The body of an error answer (RFC 9457), with the contract's members more.
public struct ProblemDetails: Sendable {
    /// What is known about the write that was asked for.
    public enum Outcome: Sendable, Equatable {
        /// It has not happened and will not.
        case notApplied

        /// It may have happened, or may happen yet.
        case unknown
    }

    /// The media type of these bytes.
    public static var mediaType: StaticString { "application/problem+json" }

    /// The status of the answer, whose reason is the title.
    public var status: Status

    /// The contract's name for what went wrong.
    public var code: StaticString

    /// A sentence for a person.
    public var detail: String

    /// What became of the write; of a read it says that nothing was changed.
    public var outcome: Outcome

    /// Whether an earlier request with the same key was told the same.
    public var isReplay = false

    /// A problem with its parts. Every 4xx is `notApplied`.
    public init(
        _ status: Status, code: StaticString, detail: String, outcome: Outcome = .notApplied
    ) {
        precondition(
            outcome == .notApplied || status.rawValue >= 500,
            "the outcome of a \(status.rawValue) is known")
        self.status = status
        self.code = code
        self.detail = detail
        self.outcome = outcome
    }

    /// The problem that a refused request has.
    public init(_ fault: RequestFault) {
        self.init(fault.status, code: fault.code, detail: "\(fault.detail)")
    }

    /// Appends the JSON object.
    public func append(to output: inout [UInt8]) {
        output.append("{\"title\":")
        JSONText.appendQuoted(status.reason, to: &output)
        output.append(",\"status\":")
        DecimalDigits.append(UInt64(status.rawValue), to: &output)
        output.append(",\"detail\":")
        JSONText.appendQuoted(detail.utf8, to: &output)
        output.append(",\"code\":")
        JSONText.appendQuoted(code, to: &output)
        output.append(",\"outcome\":")
        switch outcome {
        case .notApplied: output.append("\"not-applied\"")
        case .unknown: output.append("\"unknown\"")
        }
        output.append(isReplay ? ",\"replayed\":true}" : "}")
    }
}
