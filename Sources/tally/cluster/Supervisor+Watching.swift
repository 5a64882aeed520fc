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

    /// Takes a node that somebody else has started into the watch.
    func adopt(_ node: Int, pid: Int32) throws(Errno) {
        try nodes[node].adopt(pid: pid)
        Console.results.line(story.found(node, pid: pid))
        try watchNews(of: node)
    }

    /// Sees which of the dead nodes somebody else has started again.
    func lookForOthers() throws(Errno) {
        guard stopDeadline == nil else { return }
        for node in story.dead {
            if let pid = nodes[node].holder { try adopt(node, pid: pid) }
        }
    }

    /// Tells that the majority is lost, and asks whether it is back where no news will say so.
    func tellMajority() throws(Errno) {
        guard stopDeadline == nil else { return }
        if let sentence = story.majorityNews() { Console.results.line(sentence) }
        if story.mayBeBack, majorityWatch == nil {
            let watch = try ForeignNode.majorityWatch(nodes.map(\.http))
            try poller.register(
                watch.descriptor, token: Supervisor.majorityToken, interest: .readable)
            majorityWatch = watch
        } else if !story.mayBeBack, let watch = majorityWatch {
            endMajorityWatch(watch)
        }
    }

    func takeMajority(at now: Instant) {
        guard let watch = majorityWatch else { return }
        endMajorityWatch(watch)
        if let back = story.majorityBack(at: now) { Console.results.line(back) }
    }

    func endMajorityWatch(_ watch: NewsThread) {
        watch.cancel()
        try? poller.remove(watch.descriptor)
        majorityWatch = nil
    }
}
