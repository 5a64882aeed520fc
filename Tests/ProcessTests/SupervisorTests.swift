import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// `tally cluster` without a terminal, and what others do to its nodes.
    @Suite struct SupervisorTests {
        /// A cluster of three whose file and data lie in a directory of the test.
        private let cluster = Result { try TestCluster() }

        private func pid(of node: NodeID, _ cluster: TestCluster) -> Int32? {
            DirectoryLock.holder(ofDirectory: cluster.directory(of: node))
        }

        private func wait(for text: String, in run: SupervisedRun) throws {
            do {
                try Waiting.until(
                    text, within: .milliseconds(20_000), holds: { run.output.contains(text) })
            } catch {
                throw HarnessError.unexpected("no \(text) in:\n\(run.output)")
            }
        }

        @Test func theMajorityIsLostAndBack() throws {
            let cluster = try cluster.get()
            let run = try SupervisedRun(cluster)
            let leader = try cluster.leaderOfAll()
            let dead = cluster.ids.filter { $0 != leader }
            let pids = try dead.map { try #require(pid(of: $0, cluster)) }
            for pid in pids { try send(.kill, to: pid) }
            let names = dead.map(\.description).joined(separator: ", ")
            try wait(
                for: "\nno majority: 1 of 3 nodes answers (\(names) do not); 2 are needed\n",
                in: run)
            // Somebody starts one of them again, which the supervisor sees.
            try cluster.start(dead[0])
            let started = try cluster.pid(of: dead[0])
            try wait(
                for: "\n\(dead[0]) pid \(started) runs already, started by someone else\n", in: run)
            try wait(for: "\nmajority back; leader n", in: run)
            #expect(!run.output.contains("was lost\n"))
            // The end of all is the end of that one, too.
            #expect(try run.terminate() == 0)
            #expect(try cluster.waitForExit(dead[0]) == 0)
            #expect(
                run.error.contains(
                    "\(dead[0]) (pid \(started)), started by someone else, is stopped"))
        }

        @Test func aClusterThatRunsAlreadyIsLeftAlone() throws {
            let cluster = try cluster.get()
            try cluster.startAllAndSettle()
            let second = try TallyRun([
                "cluster", "--config", cluster.configurationPath, "--data", cluster.data,
            ])
            #expect(second.code == 74)
            let pid = try cluster.pid(of: cluster.ids[0])
            #expect(second.error.contains("is in use by process \(pid)"))
            #expect(cluster.ids.allSatisfy { (try? cluster.status(of: $0)) != nil })
        }
    }
}

extension TestCluster {
    /// The leader, once all nodes are ready, whoever runs them.
    fileprivate func leaderOfAll() throws -> NodeID {
        var found: NodeID?
        try Waiting.until(
            "all nodes to follow one leader", within: .milliseconds(20_000),
            holds: {
                let leaders = ids.map { try? status(of: $0, within: .milliseconds(500)).leader }
                found = (leaders[0] ?? nil).flatMap { (name: String) in NodeID(name) }
                return found != nil && leaders.allSatisfy { $0 == leaders[0] }
            })
        guard let found else { throw HarnessError.timedOut("a leader") }
        return found
    }
}
