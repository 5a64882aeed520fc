import HTTP
import Posix
import Primitives
import Synchronization

/// Clients that each add 1 over and over, and keep a record of every attempt.
///
/// A client posts to the node that it believes leads, follows redirects, and after an error goes to
/// the next node at once.
public final class WriterPool: Sendable {
    /// What became of an attempt.
    public enum Outcome: Hashable, Sendable {
        /// The node said 200: applied, at that place of the log, with that result.
        case acknowledged(index: UInt64, term: UInt64, value: Int64)
        /// The node said that it was not applied, or no connection could be made.
        case refused(status: Int)
        /// It may be applied or not: 504, or the connection broke, or no answer came in time.
        case unknown
    }

    /// One POST, redirects being attempts of their own.
    public struct Attempt: Sendable {
        /// Which client, from 0.
        public let client: Int
        /// The node that was asked.
        public let node: NodeID
        /// When it began, on `MonotonicClock`.
        public let start: Instant
        /// When its outcome was seen.
        public let end: Instant
        /// What became of it.
        public let outcome: Outcome
    }

    private struct Record {
        var attempts: [Attempt] = []
        var lastAcknowledged: Instant?
        var isEnding = false
    }

    private let cluster: TestCluster
    private let attemptLimit: Timespan
    private let record = Mutex(Record())
    private let threads = Mutex<[JoinableThread]>([])

    /// Clients that write from now on, until `stop`.
    ///
    /// - Parameter attemptLimit: After how long without an answer a client goes elsewhere.
    public init(
        clients: Int = 16, cluster: TestCluster, attemptLimit: Timespan = .milliseconds(250)
    ) {
        self.cluster = cluster
        self.attemptLimit = attemptLimit
        threads.withLock { threads in
            for client in 0..<clients {
                threads.append(JoinableThread { [self] in write(as: client) })
            }
        }
    }

    /// Lets clients write while `body` runs, and ends them whether or not it throws.
    ///
    /// - Returns: What the body gave, and every attempt in the order of their ends.
    public static func writing<Result>(
        clients: Int = 16, to cluster: TestCluster,
        attemptLimit: Timespan = .milliseconds(250), while body: (WriterPool) throws -> Result
    ) throws -> (Result, [Attempt]) {
        let pool = WriterPool(clients: clients, cluster: cluster, attemptLimit: attemptLimit)
        do {
            let result = try body(pool)
            return (result, pool.stop())
        } catch {
            _ = pool.stop()
            throw error
        }
    }

    /// Ends all clients and gives every attempt in the order of their ends.
    public func stop() -> [Attempt] {
        record.withLock { $0.isEnding = true }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending { thread.join() }
        return attempts
    }

    /// The attempts so far.
    public var attempts: [Attempt] { record.withLock { $0.attempts } }

    /// Waits for a write that began and was acknowledged after that moment, and gives the moment of
    /// its acknowledgement.
    public func acknowledgement(
        after moment: Instant, within limit: Timespan = .milliseconds(10_000)
    ) throws -> Instant {
        try Waiting.until("an acknowledged write", within: limit) {
            record.withLock { record in
                guard let last = record.lastAcknowledged, last > moment else { return nil }
                let recent = record.attempts.reversed().prefix { $0.end > moment }
                return recent.last { $0.start > moment && $0.isAcknowledged }?.end
            }
        }
    }

    private var isEnding: Bool { record.withLock { $0.isEnding } }

    private func write(as client: Int) {
        var connection: RawConnection?
        var place = client % cluster.ids.count
        var fruitless = 0
        while !isEnding {
            let node = cluster.ids[place]
            let start = MonotonicClock.now()
            let (outcome, leader) = attempt(node, &connection)
            note(
                Attempt(
                    client: client, node: node, start: start, end: MonotonicClock.now(),
                    outcome: outcome))
            if case .acknowledged = outcome {
                fruitless = 0
                continue
            }
            connection = nil
            if let leader, let found = cluster.ids.firstIndex(of: leader) {
                place = found
            } else {
                place = (place + 1) % cluster.ids.count
            }
            fruitless += 1
            // Nobody leads: asking without pause would take the processor from the election.
            if fruitless >= cluster.ids.count { Waiting.rest(.milliseconds(2)) }
        }
    }

    private func note(_ attempt: Attempt) {
        record.withLock { record in
            record.attempts.append(attempt)
            if attempt.isAcknowledged { record.lastAcknowledged = attempt.end }
        }
    }

    /// One POST, and whom a redirect named.
    private func attempt(
        _ node: NodeID, _ connection: inout RawConnection?
    ) -> (Outcome, leader: NodeID?) {
        if connection == nil {
            connection = try? RawConnection(to: cluster.http(node), within: attemptLimit)
        }
        guard let open = connection else { return (.refused(status: 0), nil) }
        do {
            try open.send(
                RawConnection.request(
                    .post, "/add", headers: ["Content-Type: text/plain"], body: "1"),
                within: attemptLimit)
            return outcome(of: try open.readResponse(to: .post, within: attemptLimit))
        } catch {
            return (.unknown, nil)
        }
    }

    private func outcome(of response: Response) -> (Outcome, leader: NodeID?) {
        switch response.status {
        case 200:
            guard let index = response["Tally-Index"].flatMap({ UInt64($0) }),
                let term = response["Tally-Term"].flatMap({ UInt64($0) }),
                let value = Int64(response.text.dropLast())
            else { preconditionFailure("a success without its place: \(response)") }
            return (.acknowledged(index: index, term: term, value: value), nil)
        case 307:
            return (.refused(status: 307), response["Tally-Leader"].flatMap { NodeID($0) })
        case 504:
            return (.unknown, nil)
        default:
            return (.refused(status: response.status), nil)
        }
    }
}

extension WriterPool.Attempt {
    /// Whether the node said 200.
    public var isAcknowledged: Bool {
        if case .acknowledged = outcome { true } else { false }
    }
}

extension Response {
    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
