import Calculator
import Node
import Primitives
import Raft
import Replica
import WriteAheadLog

/// A process of a node, and what its operating system keeps for it: a host of `Node` with a log, a
/// state machine and connections.
final class SimulatedProcess {
    let life: Int
    var node: Node
    var log: WriteAheadLog<SimulatedDisk>
    var engine: Engine<Calculator>

    /// The connections, in the order in which the node has named them.
    var links: [(link: LinkID, end: LinkEnd)] = []
    /// Callers that the process has not taken in.
    var backlog: [LinkEnd] = []
    /// Ends that have something to read.
    var readable: [LinkEnd] = []
    /// Connections that may send again, noted while the process was stopped.
    var unblocked: [LinkID] = []
    /// How many datagrams have come since the last turn.
    var waitingDatagrams = 0
    /// What clients have asked since the last turn.
    var requests: [(request: ClientRequest, id: RequestID)] = []

    /// What the disk is doing for it, and since when by the process's clock.
    var pendingRequest: PendingDiskRequest?
    var pendingSince = Instant.origin
    /// A mark that is written, which the node is told in its next turn.
    var markDone: LogIndex?

    /// What will be a snapshot once a majority is known to have the same state.
    var copy: Engine<Calculator>?
    /// The state of the leader's snapshot that is on disk, until the node has made it its log's beginning.
    var arrived: Engine<Calculator>?
    /// The snapshot that is being saved.
    var saving: SavedSnapshot?

    /// When the next timer event for this process comes.
    var timer = Instant.never
    /// Whether a turn is to come shortly.
    var isWaking = false
    /// When it was asked to stop, by its own clock; nil where it was not.
    var stopAskedAt: Instant?
    /// Whether it got no time since then for a while.
    var wasPausedInStop = false
    /// Whether its disk gave no answer in time for its stop.
    var hasStoppedWithoutDisk = false

    init(
        life: Int, node: consuming Node, log: consuming WriteAheadLog<SimulatedDisk>,
        engine: Engine<Calculator>
    ) {
        self.life = life
        self.engine = engine
        self.node = node
        self.log = log
    }

    /// The end of the connection of that name; nil where it is forgotten.
    func end(of link: LinkID) -> LinkEnd? {
        let links = links
        for position in links.indices where links[position].link == link {
            return links[position].end
        }
        return nil
    }
}
