import HTTP

/// What there is to ask for: every path with the methods that it takes. `docs/openapi.yaml` says the
/// same, and a test compares the two.
enum Resource: CaseIterable {
    case get, set, add, leader, status, members, snapshot, live, ready

    /// The path, exactly.
    var path: StaticString {
        switch self {
        case .get: "/get"
        case .set: "/set"
        case .add: "/add"
        case .leader: "/leader"
        case .status: "/status"
        case .members: "/members"
        case .snapshot: "/snapshot"
        case .live: "/livez"
        case .ready: "/readyz"
        }
    }

    /// The methods that it takes, OPTIONS aside, which every path takes.
    var methods: [Method] {
        switch self {
        case .set, .add, .leader: [.post]
        case .get, .status, .members, .snapshot, .live, .ready: [.get, .head]
        }
    }

    /// The methods that it takes, as Allow says them (RFC 9110 §10.2.1).
    var allow: StaticString {
        switch self {
        case .set, .add, .leader: "POST, OPTIONS"
        case .get, .status, .members, .snapshot, .live, .ready: "GET, HEAD, OPTIONS"
        }
    }

    /// What some path or other takes: the answer to `OPTIONS *` (RFC 9110 §9.3.7).
    static var allowOfAll: StaticString { "GET, HEAD, POST, OPTIONS" }

    /// What a path takes at which there is nothing.
    static var allowOfNone: StaticString { "OPTIONS" }

    /// What the request asks for, or nil where there is nothing. The commands come first, since they
    /// come often.
    static func find(_ request: HTTP.Request, in buffer: [UInt8]) -> Resource? {
        if request.hasPath(Resource.add.path, in: buffer) { return .add }
        if request.hasPath(Resource.get.path, in: buffer) { return .get }
        if request.hasPath(Resource.set.path, in: buffer) { return .set }
        if request.hasPath(Resource.status.path, in: buffer) { return .status }
        if request.hasPath(Resource.members.path, in: buffer) { return .members }
        if request.hasPath(Resource.live.path, in: buffer) { return .live }
        if request.hasPath(Resource.ready.path, in: buffer) { return .ready }
        if request.hasPath(Resource.snapshot.path, in: buffer) { return .snapshot }
        if request.hasPath(Resource.leader.path, in: buffer) { return .leader }
        return nil
    }
}
