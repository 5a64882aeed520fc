import Calculator
import HTTP
import Replica

/// What a request wants of this node.
enum Route {
    /// Something that the node answers.
    case command(ClientRequest)
    /// The value, unless the client has it already.
    case conditionalRead(ClientRequest, IfNoneMatch)
    /// The page about the node.
    case status
    /// The page about all nodes.
    case members
    /// The state as a file.
    case snapshot
    /// Whether the loop turns.
    case live
    /// Whether a linearizable read can be served now: such a read is made.
    case ready
    /// Which methods there are.
    case options(allow: StaticString)
    /// A fault of the request; `allow` goes with 405.
    case problem(ProblemDetails, allow: StaticString?)

    /// Finds what a request wants. Method, target, media type and value are checked here, the same
    /// at every node, whoever leads.
    static func find(
        _ request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> Route {
        let resource = Resource.find(request, in: buffer)
        if request.method == .options {
            // RFC 9110 §9.3.7; §13.2.1: conditions mean nothing here.
            let isForAll = request.hasPath("*", in: buffer)
            let none = isForAll ? Resource.allowOfAll : Resource.allowOfNone
            return .options(allow: resource?.allow ?? none)
        }
        switch resource {
        case .add: return write(.add, request, buffer: buffer, body: body) { .add($0) }
        case .set: return write(.set, request, buffer: buffer, body: body) { .set($0) }
        case .leader: return leader(request, buffer: buffer, body: body)
        case .get?: return read(.get, request) { get(request, buffer: buffer) }
        case .status?: return read(.status, request) { .status }
        case .members?: return read(.members, request) { .members }
        case .snapshot?: return read(.snapshot, request) { .snapshot }
        case .live?: return read(.live, request) { .live }
        case .ready?: return read(.ready, request) { .ready }
        case nil:
            return problem(
                .notFound,
                "There is nothing here; try /get, /set, /add, /leader, /status, /members, /snapshot, /livez or /readyz."
            )
        }
    }

    private static func read(
        _ resource: Resource, _ request: HTTP.Request, _ route: () -> Route
    ) -> Route {
        guard request.method == .get || request.method == .head else {
            return wrongMethod(resource)
        }
        return unsupportedField(of: request) ?? route()
    }

    private static func write(
        _ resource: Resource, _ request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>,
        _ command: (Int64) -> Calculator.Command
    ) -> Route {
        guard request.method == .post else { return wrongMethod(resource) }
        if resource == .add, request.ifMatch != nil { return unsupported("If-Match") }
        // On a question it saves bytes; here it is a condition.
        if request.ifNoneMatch != nil { return unsupported("If-None-Match") }
        let writeGuard: WriteGuard
        switch GuardText.find(in: request, buffer: buffer) {
        case .writeGuard(let found): writeGuard = found
        case .bad(let detail): return problem(.badRequest, detail)
        }
        switch ValueText.find(in: request, buffer: buffer, body: body) {
        case .value(let value):
            return .command(
                writeGuard.isEmpty
                    ? .write(command(value)) : .guardedWrite(command(value), writeGuard))
        case .missing:
            return problem(
                .missingValue, ValueText.advice(on: request, buffer: buffer, body: body))
        case .bad(let detail):
            return problem(.badValue, detail)
        case .unsupportedMediaType:
            return problem(
                .unsupportedMediaType,
                """
                Content-Type must be application/x-www-form-urlencoded, application/json or \
                text/plain, and the body without a content coding.
                """)
        }
    }

    private static func leader(
        _ request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> Route {
        guard request.method == .post else { return wrongMethod(.leader) }
        if let route = unsupportedField(of: request) { return route }
        if request.ifNoneMatch != nil { return unsupported("If-None-Match") }
        switch LeaderText.find(in: request, buffer: buffer, body: body) {
        case .node(let node): return .command(.transfer(to: node))
        case .bad(let detail): return problem(.badValue, detail)
        case .unsupportedMediaType:
            return problem(
                .unsupportedMediaType,
                """
                Content-Type must be application/json or application/x-www-form-urlencoded, and the \
                body without a content coding.
                """)
        }
    }

    /// What means nothing here is refused, never ignored.
    private static func unsupportedField(of request: HTTP.Request) -> Route? {
        if request.idempotencyKey != nil { return unsupported("Idempotency-Key") }
        if request.ifMatch != nil { return unsupported("If-Match") }
        return nil
    }

    private static func unsupported(_ field: StaticString) -> Route {
        problem(.notSupported, "\(field) means nothing here, and is not ignored; leave it out.")
    }

    private static func get(_ request: HTTP.Request, buffer: [UInt8]) -> Route {
        guard let command = readCommand(request, buffer: buffer) else {
            return problem(
                .badRequest,
                "consistency must be given once, as stale or linearizable (the default).")
        }
        guard request.ifNoneMatch != nil else { return .command(command) }
        guard let condition = IfNoneMatch(request, in: buffer) else {
            return problem(
                .badRequest, "If-None-Match must be *, or entity tags such as \"7\", \"12\".")
        }
        return .conditionalRead(command, condition)
    }

    /// The kind of read that the query asks for, or nil where it asks for none that there is.
    private static func readCommand(_ request: HTTP.Request, buffer: [UInt8]) -> ClientRequest? {
        guard let query = request.query else { return .read }
        switch FormDecoder.lookup("consistency", in: buffer[query]) {
        case .absent: return .read
        case .one(let mode) where mode.elementsEqual("stale".utf8): return .staleRead
        case .one(let mode) where mode.elementsEqual("linearizable".utf8): return .read
        default: return nil
        }
    }

    private static func wrongMethod(_ resource: Resource) -> Route {
        .problem(
            ProblemDetails(.methodNotAllowed, "Use \(resource.allow) here."),
            allow: resource.allow)
    }

    private static func problem(_ problem: Problem, _ detail: String) -> Route {
        .problem(ProblemDetails(problem, detail), allow: nil)
    }
}
