import HTTP

/// What a node may answer instead of what was asked for, beside the faults of a request's form
/// (`RequestFault`): a status and the code that programs compare. `docs/openapi.yaml` names them all,
/// and a test compares the two.
enum Problem: CaseIterable {
    case badRequest, missingValue, badValue
    case foreignOrigin
    case notFound, methodNotAllowed
    case timeout
    case unsupportedMediaType
    case keyExpired, preconditionFailed
    case overflow, keyReused, unknownNode
    case notSupported
    case noLeader, forming, superseded, overloaded, diskFull, stopping, diverged
    case transferFailed
    case unknownOutcome

    /// The status of the answer.
    var status: Status {
        switch self {
        case .badRequest, .missingValue, .badValue: .badRequest
        case .foreignOrigin: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .timeout: .requestTimeout
        case .unsupportedMediaType: .unsupportedMediaType
        case .keyExpired: .conflict
        case .preconditionFailed: .preconditionFailed
        case .overflow, .keyReused, .unknownNode: .unprocessableContent
        case .notSupported: .notImplemented
        case .noLeader, .forming, .superseded, .overloaded, .diskFull, .stopping, .diverged,
            .transferFailed:
            .serviceUnavailable
        case .unknownOutcome: .gatewayTimeout
        }
    }

    /// The answer's `code`, one of the contract's.
    var code: StaticString {
        switch self {
        case .badRequest: "bad-request"
        case .missingValue: "missing-value"
        case .badValue: "bad-value"
        case .foreignOrigin: "foreign-origin"
        case .notFound: "not-found"
        case .methodNotAllowed: "method-not-allowed"
        case .timeout: "timeout"
        case .unsupportedMediaType: "unsupported-media-type"
        case .keyExpired: "key-expired"
        case .preconditionFailed: "precondition-failed"
        case .overflow: "overflow"
        case .keyReused: "key-reused"
        case .notSupported: "not-supported"
        case .noLeader: "no-leader"
        case .forming: "forming"
        case .superseded: "superseded"
        case .overloaded: "overloaded"
        case .diskFull: "disk-full"
        case .stopping: "stopping"
        case .diverged: "diverged"
        case .unknownNode: "unknown-node"
        case .transferFailed: "transfer-failed"
        case .unknownOutcome: "unknown-outcome"
        }
    }
}

extension ProblemDetails {
    /// A problem with a sentence for a person. A write's outcome is unknown where it can be.
    init(_ problem: Problem, _ detail: String) {
        self.init(
            problem.status, code: problem.code, detail: detail,
            outcome: problem == .unknownOutcome ? .unknown : .notApplied)
    }
}
