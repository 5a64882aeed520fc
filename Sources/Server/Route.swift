import HTTP
import Replica

/// What a request wants of this node.
enum Route {
    /// Something that the replica answers.
    case command(Replica.Request)
    /// The page about the node.
    case status
    /// The page about all nodes.
    case members
    /// Whether the loop turns.
    case live
    /// Whether a linearizable read can be served now: such a read is made.
    case ready
    /// A fault of the request; `allow` goes with 405.
    case problem(ProblemDetails, allow: StaticString?)

    /// Finds what a request wants. Method, target, media type and value are checked here, the same
    /// at every node, whoever leads.
    static func find(
        _ request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> Route {
        if request.hasPath("/add", in: buffer) {
            return write(request, buffer: buffer, body: body) { .add($0) }
        }
        if request.hasPath("/set", in: buffer) {
            return write(request, buffer: buffer, body: body) { .set($0) }
        }
        let route: Route
        if request.hasPath("/get", in: buffer) {
            route = get(request, buffer: buffer)
        } else if request.hasPath("/status", in: buffer) {
            route = .status
        } else if request.hasPath("/members", in: buffer) {
            route = .members
        } else if request.hasPath("/livez", in: buffer) {
            route = .live
        } else if request.hasPath("/readyz", in: buffer) {
            route = .ready
        } else {
            return problem(
                .notFound, "not-found",
                "There is nothing here; try /get, /set, /add, /status, /members, /livez or /readyz."
            )
        }
        guard request.method == .get || request.method == .head else {
            return wrongMethod("GET, HEAD")
        }
        return unsupportedField(of: request) ?? route
    }

    private static func write(
        _ request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>,
        _ command: (Int64) -> Replica.Request
    ) -> Route {
        guard request.method == .post else { return wrongMethod("POST") }
        if let route = unsupportedField(of: request) { return route }
        // On a question it may be ignored, at the price of a few bytes; here it is a condition.
        if request.ifNoneMatch != nil { return unsupported("If-None-Match") }
        switch ValueText.find(in: request, buffer: buffer, body: body) {
        case .value(let value):
            return .command(command(value))
        case .missing:
            return problem(
                .badRequest, "missing-value",
                "Give value=N in the query or as a form, {\"value\":N} as JSON, or N as text/plain."
            )
        case .bad(let detail):
            return problem(.badRequest, "bad-value", detail)
        case .unsupportedMediaType:
            return problem(
                .unsupportedMediaType, "unsupported-media-type",
                """
                The body must be application/x-www-form-urlencoded, application/json or text/plain, \
                without a content coding.
                """)
        }
    }

    /// What this version does not do is refused, never ignored.
    private static func unsupportedField(of request: HTTP.Request) -> Route? {
        if request.idempotencyKey != nil { return unsupported("Idempotency-Key") }
        if request.ifMatch != nil { return unsupported("If-Match") }
        return nil
    }

    private static func unsupported(_ field: StaticString) -> Route {
        problem(.notImplemented, "not-supported", "\(field) is not supported by this version.")
    }

    private static func get(_ request: HTTP.Request, buffer: [UInt8]) -> Route {
        guard let query = request.query else { return .command(.get) }
        switch FormDecoder.lookup("consistency", in: buffer[query]) {
        case .absent:
            return .command(.get)
        case .one(let mode) where mode.elementsEqual("stale".utf8):
            return .command(.staleGet)
        case .one(let mode) where mode.elementsEqual("linearizable".utf8):
            return .command(.get)
        default:
            return problem(
                .badRequest, "bad-request",
                "consistency must be given once, as stale or linearizable (the default).")
        }
    }

    private static func wrongMethod(_ allow: StaticString) -> Route {
        .problem(
            ProblemDetails(
                .methodNotAllowed, code: "method-not-allowed", detail: "Use \(allow) here."),
            allow: allow)
    }

    private static func problem(
        _ status: Status, _ code: StaticString, _ detail: String
    ) -> Route {
        .problem(ProblemDetails(status, code: code, detail: detail), allow: nil)
    }
}
