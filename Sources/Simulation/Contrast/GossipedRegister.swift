/// A node's copy of a value that travels by gossip, as in the article "A simple, distributed one-value
/// database" on Serf: a number and a counter of its generations, both in memory alone.
///
/// What is faithful: a set answers from this node alone, with the next generation; what comes from
/// another node is adopted if its generation is *higher*, and only then; nobody checks who raised a
/// generation or by how much; the counter wraps around; there is no add.
struct GossipedRegister {
    /// A value and how often it was set.
    struct Version: Equatable {
        var value: Int64 = 0
        var generation: Int64 = 0
        /// The write that made it, from 1. Only figures ask for it: no node does, and the real design
        /// has nothing of the kind.
        var write = 0
    }

    private(set) var version = Version()

    /// A client sets the value.
    mutating func set(_ value: Int64, write: Int = 0) {
        version = Version(value: value, generation: version.generation &+ 1, write: write)
    }

    /// Another node has pushed its version.
    mutating func notify(_ other: Version) {
        if other.generation > version.generation { version = other }
    }
}
