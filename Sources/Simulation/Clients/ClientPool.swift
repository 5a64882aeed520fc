import Primitives
import Raft

/// A client: it asks, waits, and asks again.
struct SimulatedClient {
    /// Who is said to lead.
    var hint: Int?
    /// The operation whose answer it waits for.
    var waitsFor: Int?
}

/// The clients of a run, and what they have asked.
struct ClientPool {
    var all: [SimulatedClient] = []
    /// Which client asked each operation.
    var askers: [Int] = []
    /// How often a client called a node that was not there.
    var unheard = 0
    /// The newest change of the value that any client was told of.
    var lastChange = LogIndex.zero
    /// How long a client pauses at most before it asks.
    var thinking = Timespan.zero
    /// Whether clients now and then ask more at once than one message between nodes holds.
    var isFlooded = false
    var random: RandomSource

    init(seed: UInt64) { random = RandomSource(seed: seed) }
}
