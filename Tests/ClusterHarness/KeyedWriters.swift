import HTTP
import Posix
import Primitives
import Synchronization

/// Clients that each add 1 so many times: every add has an idempotency key of its own, and is sent again
/// until it is answered with 200.
///
/// A client posts to the node that it believes leads, follows redirects, and after anything else goes to
/// the next node.
public final class KeyedWriters: Sendable {
    /// The answer to an add.
    public struct Receipt: Hashable, Sendable {
        /// The value that it made.
        public let value: Int64
        /// Its place in the log.
        public let index: UInt64
        /// How often it was sent.
        public let tries: Int
        /// Whether an earlier try was the one that took effect.
        public let isReplay: Bool
    }

    private let cluster: TestCluster
    private let deadline: Instant
    private let record = Mutex<[Receipt]>([])
    private let threads = Mutex<[JoinableThread]>([])

    /// Clients that begin now, each with so many adds.
    ///
    /// - Parameter limit: After which time they give up what is not answered.
    public init(
        clients: Int, adds: Int, cluster: TestCluster,
        within limit: Timespan = .milliseconds(120_000)
    ) {
        self.cluster = cluster
        deadline = MonotonicClock.now() + limit
        threads.withLock { threads in
            for client in 0..<clients {
                threads.append(JoinableThread { [self] in write(adds, as: client) })
            }
        }
    }

    /// The answers so far, in the order in which they came.
    public var receipts: [Receipt] { record.withLock { $0 } }

    /// Waits until all clients are done, or have given up, and gives the answers.
    public func finish() -> [Receipt] {
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending { thread.join() }
        return receipts
    }

    private func write(_ adds: Int, as client: Int) {
        var place = client % cluster.ids.count
        var seen: UInt64 = 0
        for number in 0..<adds {
            let headers = [
                "Content-Type: text/plain", "Idempotency-Key: client-\(client)-\(number)",
                "Tally-First-Index: \(seen)",
            ]
            var tries = 0
            while MonotonicClock.now() < deadline {
                tries += 1
                let answer = try? cluster.request(
                    .post, cluster.ids[place], "/add", headers: headers, body: "1",
                    within: .milliseconds(500))
                if let answer, let receipt = Receipt(answer, tries: tries) {
                    seen = max(seen, receipt.index)
                    record.withLock { $0.append(receipt) }
                    break
                }
                place = next(after: place, answer)
                // Nobody leads: asking without pause would take the processor from the election.
                if tries > 2 { Waiting.rest(.milliseconds(2)) }
            }
        }
    }

    private func next(after place: Int, _ answer: Response?) -> Int {
        let leader = answer?["Tally-Leader"].flatMap { NodeID($0) }
        return leader.flatMap { cluster.ids.firstIndex(of: $0) } ?? (place + 1) % cluster.ids.count
    }
}

extension KeyedWriters.Receipt {
    /// What a 200 says; nil for any other answer.
    fileprivate init?(_ answer: Response, tries: Int) {
        guard answer.status == 200, let value = Int64(answer.text.dropLast()),
            let index = answer["Tally-Index"].flatMap({ UInt64($0) })
        else { return nil }
        self.init(
            value: value, index: index, tries: tries, isReplay: answer["Tally-Replayed"] != nil)
    }
}
