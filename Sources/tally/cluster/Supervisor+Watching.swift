import Posix
import Primitives

/// Who else runs nodes of this cluster, and whether a majority runs.
extension Supervisor {
    /// Whether other processes have all of the nodes' directories: then this cluster runs already, and is
    /// not ours to watch.
    func isTaken() -> Bool {
        let holders = nodes.compactMap(\.holder)
        guard holders.count == nodes.count else { return false }
        for (node, pid) in zip(nodes, holders) {
            Console.faults.line("tally cluster: \(node.directory) is in use by process \(pid)")
        }
        Console.faults.line(
            "tally cluster: this cluster runs already; stop it first, or take another --data")
        return true
    }

    /// Takes a node that someone else has started into the watch.
    func adopt(_ node: Int, pid: Int32) throws(Errno) {
        try nodes[node].adopt(pid: pid)
        Console.results.line(monitor.found(node, pid: pid))
        try watchReports(of: node)
    }

    /// Sees which of the dead nodes someone else has started again.
    func adoptForeignNodes() throws(Errno) {
        guard stopDeadline == nil else { return }
        for node in monitor.dead {
            if let pid = nodes[node].holder { try adopt(node, pid: pid) }
        }
    }

    /// Tells that the majority is lost, and asks whether it is back where no report will say so.
    func reportMajority() throws(Errno) {
        guard stopDeadline == nil else { return }
        if let sentence = monitor.majorityChange() { Console.results.line(sentence) }
        if monitor.mayBeBack, majorityWatch == nil {
            let watch = try ForeignNode.majorityWatch(nodes.map(\.http))
            try poller.register(
                watch.descriptor, token: Supervisor.majorityToken, interest: .readable)
            majorityWatch = watch
        } else if !monitor.mayBeBack, let watch = majorityWatch {
            endMajorityWatch(watch)
        }
    }

    func takeMajority(at now: Instant) {
        guard let watch = majorityWatch else { return }
        endMajorityWatch(watch)
        if let back = monitor.majorityBack(at: now) { Console.results.line(back) }
    }

    func endMajorityWatch(_ watch: ReportThread) {
        watch.cancel()
        try? poller.remove(watch.descriptor)
        majorityWatch = nil
    }
}
