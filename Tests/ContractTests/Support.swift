import ClusterHarness
import Configuration
import FoundationEssentials
import HTTP
import Primitives
import Testing

/// Timing for tests that share their processors with others: elections are rare, deadlines soon.
let calmTiming = TimingConfiguration(
    heartbeat: .milliseconds(50), election: .milliseconds(400)...(.milliseconds(800)),
    request: .milliseconds(1_000))

/// The suites whose tests share one cluster and its value, one after the other.
@Suite(.serialized) struct SharedClusterTests {}

/// The cluster that those suites share.
enum Shared {
    private static let started = Result {
        let cluster = try TestCluster(timing: calmTiming)
        try cluster.startAllAndSettle()
        try waitForKeys(cluster)
        return cluster
    }

    /// It, with all its nodes running.
    static func cluster() throws -> TestCluster { try started.get() }

    /// It, with who leads and one who follows.
    static func roles() throws -> (cluster: TestCluster, leader: NodeID, follower: NodeID) {
        let cluster = try cluster()
        let leader = try cluster.agreedLeader()
        return (cluster, leader, try #require(cluster.ids.first { $0 != leader }))
    }
}

/// Waits until all nodes of a fresh cluster have told each other that they know keys.
func waitForKeys(_ cluster: TestCluster) throws {
    try Waiting.until("keys to be known") {
        let answer = try cluster.request(
            .post, cluster.leader(), "/add?value=0", headers: ["Idempotency-Key: first"])
        return answer.status == 200
    }
}

/// Any JSON without fractions, for looking at shapes.
indirect enum JSONTree: Decodable, Equatable {
    case null, bool(Bool), integer(Int64), string(String), array([JSONTree]),
        object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let one = try decoder.singleValueContainer()
        if one.decodeNil() {
            self = .null
        } else if let bool = try? one.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? one.decode(Int64.self) {
            self = .integer(integer)
        } else if let string = try? one.decode(String.self) {
            self = .string(string)
        } else if let array = try? one.decode([JSONTree].self) {
            self = .array(array)
        } else {
            self = .object(try one.decode([String: JSONTree].self))
        }
    }

    init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONTree.self, from: Data(bytes))
    }

    var isInteger: Bool { if case .integer = self { true } else { false } }

    /// The array's elements, or nil where it is no array.
    var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }

    /// The object's members, or none where it is no object.
    var members: [String: JSONTree] { if case .object(let members) = self { members } else { [:] } }
}

/// Expects an error answer as the contract describes it.
func expectProblem(
    _ response: Response, _ status: Int, _ code: String, outcome: String = "not-applied",
    isReplay: Bool = false, _ comment: Comment? = nil,
    at location: SourceLocation = #_sourceLocation
) throws {
    #expect(response.status == status, comment, sourceLocation: location)
    #expect(
        response["Content-Type"] == "application/problem+json", comment, sourceLocation: location)
    let members = try JSONTree(response.body).members
    let more = isReplay ? ["replayed"] : []
    #expect(
        members.keys.sorted() == ["code", "detail", "outcome"] + more + ["status", "title"],
        comment, sourceLocation: location)
    #expect(members["replayed"] == (isReplay ? .bool(true) : nil), sourceLocation: location)
    #expect(
        response["Tally-Replayed"] == (isReplay ? "true" : nil), comment, sourceLocation: location)
    #expect(members["status"] == .integer(Int64(status)), comment, sourceLocation: location)
    #expect(members["code"] == .string(code), comment, sourceLocation: location)
    #expect(members["outcome"] == .string(outcome), comment, sourceLocation: location)
    if status == 503 {
        let seconds = response["Retry-After"].flatMap { Int($0) }
        #expect(seconds != nil, comment, sourceLocation: location)
    }
}

/// Expects the refusal of a HEAD, all bytes of it: the fields of a problem and no content.
func expectNoContent(
    _ bytes: [UInt8], _ status: Int, at location: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: bytes, as: UTF8.self)
    let hasLength = text.contains("Content-Length: ") && !text.contains("Content-Length: 0")
    #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)", sourceLocation: location)
    #expect(text.hasSuffix("\r\n\r\n"), "\(text)", sourceLocation: location)
    #expect(
        text.contains("Content-Type: application/problem+json\r\n"), sourceLocation: location)
    #expect(hasLength, "\(text)", sourceLocation: location)
}
