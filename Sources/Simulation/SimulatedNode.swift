import Primitives
import Raft
import Replica
import Wire
import WriteAheadLog

/// A machine of the simulated cluster: its disk, and the process that runs on it, if one does.
final class SimulatedNode {
    /// What the machine is doing.
    enum State: Equatable {
        /// No process runs; one will be started.
        case down
        /// A process runs.
        case up
        /// A process runs, but gets no time.
        case paused
        /// The process ended by itself, as one that must not take part.
        case ended
    }

    let number: Int
    let id: NodeID
    var disk: DiskState
    var state = State.down
    var process: SimulatedProcess?
    /// How many processes have run here.
    var life = 0
    /// Whether the disk is another one than at first, and the old one had been used.
    var isWiped = false
    /// A copy of its directory that may be put back.
    var copy: DirectoryCopy?
    /// Whether its directory was put back from an old copy.
    var isOldCopy = false
    /// The bit on its disk that was turned over, while that may matter.
    var flipped: FlippedBit?
    /// Whether its log refuses to be opened because of it.
    var isDamaged = false
    /// Whether it is a second process of a node, on a copy of its disk.
    var isCopy = false
    /// What it counts time by.
    var clock: NodeClock
    /// What the clock showed when the process was stopped.
    var pausedAt = Instant.origin
    /// Where the next process, or this one, is to die.
    var death: PlannedDeath?
    /// Which of the other nodes are being called.
    var calls = Set64()
    /// The requests that the process was asked and has not answered.
    var openRequests: [Int] = []

    init(number: Int, id: NodeID, disk: DiskState, clock: NodeClock) {
        self.number = number
        self.id = id
        self.disk = disk
        self.clock = clock
    }

    /// Whether its disk is lost: wiped, damaged, or an old copy of itself.
    var hasLostDisk: Bool { isWiped || isDamaged || isOldCopy }

    /// Whether the process can take something in now.
    var isListening: Bool { state == .up && process?.isSyncing == false }
}

/// A point of a turn at which a node dies.
struct PlannedDeath {
    enum Point {
        /// After so many messages of a turn have left.
        case sending(Int)
        /// Everything is sent, nothing is written.
        case beforeWrite
        /// Everything is sent, and clients are not answered.
        case beforeAnswers
        /// The batch is written and not synced.
        case beforeSync
        /// The sync is done, and the core does not know it.
        case afterSync
    }

    var point: Point
    var isPowerLoss: Bool
    var downTime: Timespan
}

/// A process of a node: the replica and its log.
final class SimulatedProcess {
    let life: Int
    var replica: Replica
    var log: WriteAheadLog<SimulatedDisk>
    var inbox = Inbox()

    /// What is being synced; the process waits for it and does nothing else.
    var syncing: Replica.Effects.DiskWrite?
    /// Whether the sync came to its end while the process was paused.
    var isSyncOver = false
    /// When the next timer event for this process comes.
    var timer = Instant.never
    /// Whether it was asked to end, and whether it has had its time for that.
    var isAskedToStop = false
    var isStopOverdue = false
    /// Whether a turn is to come shortly.
    var isWaking = false
    /// When it looks, by its own clock, whether those who should call it have done so.
    var callsBackAt = Instant.origin

    init(
        life: Int, replica: consuming Replica, log: consuming WriteAheadLog<SimulatedDisk>
    ) {
        self.life = life
        self.replica = replica
        self.log = log
    }

    var isSyncing: Bool { syncing != nil }
}

/// What has come in and was not handed over yet.
struct Inbox {
    enum Item {
        case opened(LinkEnd, dialed: NodeID?)
        case message(PeerMessage, on: LinkEnd)
    }

    var ended: [LinkEnd] = []
    var items: [Item] = []
    var requests: [(request: Replica.Request, id: RequestID)] = []
    /// Whether the process is asked to end.
    var isStopRequested = false

    var isEmpty: Bool {
        ended.isEmpty && items.isEmpty && requests.isEmpty && !isStopRequested
    }
}

/// A set of numbers from 0 to 63.
struct Set64 {
    private var bits: UInt64 = 0

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    mutating func remove(_ number: Int) { bits &= ~(1 << UInt64(number)) }

    mutating func removeAll() { bits = 0 }
}
