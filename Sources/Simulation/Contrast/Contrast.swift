import Primitives

/// Two designs of one replicated value under the same clients and the same faults: a value that
/// travels by gossip, and Tally's, on which the nodes agree before anybody is answered.
///
/// ```swift
/// let comparison = Contrast.run(.crash, seed: 1)
/// comparison.gossip.figures.lost  // not 0
/// comparison.raft.figures.lost    // 0
/// ```
public enum Contrast {
    /// Runs a script twice, once with each design.
    ///
    /// - Parameters:
    ///   - script: who asks what, and what goes wrong.
    ///   - seed: fixes everything that happens, in every process and build.
    public static func run(_ script: Script, seed: UInt64) -> Comparison {
        let schedule = Schedule(script, seed: seed)
        var gossip = Course(schedule, GossipedCluster(nodes: Script.nodes, seed: seed))
        var raft = Course(schedule, ReplicatedCluster(nodes: Script.nodes, seed: seed))
        return Comparison(script: script, seed: seed, gossip: gossip.run(), raft: raft.run())
    }
}

extension Contrast {
    /// What became of a script under both designs.
    public struct Comparison: Sendable {
        /// The script.
        public var script: Script
        /// The seed.
        public var seed: UInt64
        /// The value that travels by gossip.
        public var gossip: Outcome
        /// Tally's own.
        public var raft: Outcome
    }

    /// What became of a script under one design.
    public struct Outcome: Sendable {
        /// How many, how fresh, how soon.
        public var figures: Figures
        /// What each node held when.
        public var timeline: Timeline
        /// A rule of Raft that was broken, or nil.
        public var violation: String?
    }

    /// What each node held when; all times count from when the clients begin.
    public struct Timeline: Equatable, Sendable {
        /// What a node is from some time on.
        public struct Moment: Equatable, Sendable {
            /// Since when.
            public var time: Timespan
            /// What it holds; nil where no process runs.
            public var value: Int64?
            /// Whether it leads, as only a node of Tally does.
            public var isLeading: Bool
        }

        /// An add that its client was told is done.
        public struct Acknowledgement: Equatable, Sendable {
            /// When the node said so.
            public var time: Timespan
            /// The node that said so.
            public var node: Int
            /// Whether nothing of it is left in the end.
            public var isLost: Bool
        }

        /// For each node what it was, in order of time.
        public var lanes: [[Moment]]
        /// The acknowledged adds, in the order in which they were asked for.
        public var acknowledgements: [Acknowledgement]
    }
}
