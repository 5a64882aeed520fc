import Primitives

/// A cluster that keeps one value, of either design, driven from outside.
protocol ContrastedCluster {
    var now: Instant { get }
    /// When something happens next.
    var nextTime: Instant? { get }
    var network: Network { get set }
    /// How many messages nodes have sent each other.
    var messages: Int { get }
    /// A rule that was broken, or nil.
    var violation: String? { get }

    /// Lets everything happen that is due before `end`.
    mutating func advance(to end: Instant)

    /// A request reaches a node from a client that stands beside the node `home`. Returns the number
    /// by which its answer is known, or nil where no process is there to hear it.
    mutating func ask(_ request: Contrast.Request, of node: Int, from home: Int) -> Int?

    /// The answers since the last call.
    mutating func takeAnswers() -> [(ticket: Int, answer: Contrast.Answer)]

    mutating func mend(_ ways: [Way])

    /// A node loses its power, and is started again that much later.
    mutating func crash(_ node: Int, for downTime: Timespan)

    func state(of node: Int) -> Contrast.NodeState

    /// Whether that write is in the value that a node holds.
    func holds(_ write: Contrast.WriteID, at node: Int) -> Bool
}

extension Contrast {
    /// What a node tells a client.
    enum Answer: Equatable {
        /// Done: the value, and for an add where to find it again.
        case done(Int64, WriteID?)
        /// Another node may do it.
        case redirect(Int)
        /// Not applied, and never will be.
        case notApplied
        /// The process is gone, or does not know what became of it.
        case unknown
    }

    /// A write that took effect, as its design numbers them: by its place in the log, or in the order
    /// in which nodes took them.
    struct WriteID: Hashable {
        var number: Int
        var amount: Int64
    }

    /// What can be seen of a node from outside.
    struct NodeState: Equatable {
        /// Nil where no process runs.
        var value: Int64?
        var isLeading: Bool
    }
}
