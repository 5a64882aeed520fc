import Client
import Configuration
import Posix
import Primitives

/// A process that holds the lock of a node's directory, and that this supervisor has not started.
///
/// No pipe leads to it, so a thread asks: whether it still has the lock, and whether it leads.
final class ForeignNode {
    /// The time between two questions.
    private static let interval = Timespan.milliseconds(50)

    let pid: Int32
    /// The lines that a node of our own would tell, `leader n1 7`; it ends with the process.
    let reports: ReportThread

    /// Watches over the process that has that directory.
    init(_ id: NodeID, pid: Int32, directory: String, http: Address) throws(Errno) {
        self.pid = pid
        reports = try ReportThread { thread in
            guard let poller = try? Poller(), let client = try? ForeignNode.client(of: [http])
            else {
                return
            }
            var told: UInt64 = 0
            while thread.isWanted, DirectoryLock.holder(ofDirectory: directory) == pid {
                if case .answered(let status, _) = client.status()[0].result,
                    status.node == id.description, status.role == "leader", status.term > told
                {
                    told = status.term
                    thread.report("leader \(id) \(told)")
                }
                ReportThread.rest(poller, ForeignNode.interval)
            }
        }
    }

    /// A client that does not wait long for a node that hangs.
    private static func client(of addresses: [Address]) throws(Errno) -> ClusterClient {
        try ClusterClient(addresses, timeouts: .short(within: .milliseconds(500)))
    }

    /// A thread that tells `majority` as soon as a linearizable read succeeds: only a majority can
    /// answer one.
    static func majorityWatch(_ addresses: [Address]) throws(Errno) -> ReportThread {
        try ReportThread { thread in
            guard let poller = try? Poller(), let client = try? client(of: addresses) else {
                return
            }
            while thread.isWanted {
                if case .value = client.get() { return thread.report("majority") }
                ReportThread.rest(poller, ForeignNode.interval)
            }
        }
    }
}
