import ClusterHarness
import Configuration
import Effort
import HTTP
import Posix
import Primitives
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The shipped program's processes, killed, stopped, robbed of their disks and talked to in tongues.
///
/// Each has a cluster of its own, and as many run at a time as there are processors.
/// TALLY_TEST_EFFORT says how often the scenarios with rounds go round; TALLY_BINARY names another
/// program to test.
@Suite struct ProcessTests {
    /// How often a scenario is repeated.
    static let rounds = 3 * effort
}

extension TimingConfiguration {
    /// For tests in which nobody may lose the leadership: a busy machine can hold a node up for longer
    /// than the standard election timeout, and longer than all three have patience.
    static let steady = TimingConfiguration(
        heartbeat: .milliseconds(50), election: .milliseconds(600)...(.milliseconds(1_200)),
        request: .milliseconds(2_000))
}

extension TestCluster {
    /// Adds at the node that leads, and gives the new value.
    @discardableResult
    func add(_ amount: Int64) throws -> Int64 {
        let response = try request(.post, try agreedLeader(), "/add?value=\(amount)")
        guard response.status == 200, let value = response.value else {
            throw HarnessError.unexpected(
                "an add was answered \(response.status): \(response.text)")
        }
        return value
    }

    /// The value that every majority agrees on.
    func linearizableValue() throws -> Int64 {
        let response = try request(.get, try agreedLeader(), "/get")
        guard response.status == 200, let value = response.value else {
            throw HarnessError.unexpected(
                "a read was answered \(response.status): \(response.text)")
        }
        return value
    }

    /// Waits until all nodes have applied the same log, and its last mark is on each one's disk.
    func settle() throws {
        _ = try agreedLeader()
        try Waiting.until(
            "all nodes to have applied the same",
            holds: {
                let pages = try ids.filter(isRunning).map { try status(of: $0) }
                return Set(pages.map(\.applied)).count == 1
                    && pages.allSatisfy { $0.applied == $0.lastIndex }
            })
    }

    /// What each node holds in memory; nothing where the system does not tell.
    func residentKilobytes() throws -> [Int] {
        try ids.compactMap { id in
            let path = "/proc/\(try pid(of: id))/status"
            guard let bytes = try? FileSystem.contents(of: path, limit: 1 << 16) else {
                return nil
            }
            let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("VmRSS:") }
            return line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") }
        }
    }

    /// What a node has written on standard error since it had written `count` bytes.
    func standardError(of id: NodeID, after count: Int) -> String {
        String(decoding: standardError(of: id).utf8.dropFirst(count), as: UTF8.self)
    }
}

extension Response {
    /// The number in the body of a success.
    var value: Int64? { Int64(text.split(separator: "\n").first ?? "") }
}

extension Timespan {
    /// In milliseconds with one decimal, as people read it.
    var readable: String {
        let tenths = nanoseconds / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}

/// Spans between a blow and the next acknowledged write.
struct Gaps {
    private var sorted: [Timespan]

    /// For each blow, the first write that another node took on and acknowledged after it.
    init(after blows: [(moment: Instant, node: NodeID)], in attempts: [WriterPool.Attempt]) {
        sorted = blows.compactMap { blow in
            attempts.first {
                $0.start > blow.moment && $0.node != blow.node && $0.isAcknowledged
            }?.end.since(blow.moment)
        }.sorted()
    }

    var count: Int { sorted.count }
    var median: Timespan { sorted[sorted.count / 2] }
    var worst: Timespan { sorted[sorted.count - 1] }

    func report(_ what: String) {
        print("\(what): \(count) gaps, median \(median.readable), worst \(worst.readable)")
    }
}
