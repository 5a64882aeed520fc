import Primitives

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
    /// Whether its power is gone, so that nothing answers.
    var isPoweredOff = false
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
    /// Whether the value in its process's memory was damaged: what that comes to counts for nothing, and the
    /// process must end.
    var isMiscounting = false
    /// Whether its log refuses to be opened because of it.
    var isDamaged = false
    /// Whether its disk has lost entries that it had acknowledged: a leader that notices has it end.
    var hasLostEntries = false
    /// Whether it is a second process of a node, on a copy of its disk.
    var isCopy = false
    /// What it counts time by.
    var clock: NodeClock
    /// What the clock showed when the process was stopped.
    var pausedAt = Instant.origin
    /// Where the next process, or this one, is to die.
    var death: PlannedDeath?
    /// The requests that the process was asked and has not answered.
    var openRequests: [Int] = []
    /// How often it was given other addresses, and how much of that the resolver knows.
    var moves = 0
    var resolvedMoves = 0
    /// Whether it runs, or ran last, a program from before feature levels had names.
    var hasOldProgram = false
    /// The file in its directory that remembers where the others are.
    var addressBook: [UInt8]?

    init(number: Int, id: NodeID, disk: DiskState, clock: NodeClock) {
        self.number = number
        self.id = id
        self.disk = disk
        self.clock = clock
    }

    /// Whether its disk is lost: wiped, damaged, or an old copy of itself.
    var hasLostDisk: Bool { isWiped || isDamaged || isOldCopy }

    /// Whether nothing was done to its disk that may make it end, or keep it away.
    var isWhole: Bool { !hasLostDisk && !hasLostEntries && flipped == nil }
}

/// A point of a turn at which a node dies.
struct PlannedDeath {
    enum Point {
        /// After it has sent on so many connections of a turn.
        case sending(Int)
        /// Everything is sent, nothing is written.
        case beforeWrite
        /// Everything is sent, and clients are not answered.
        case beforeAnswers
        /// The batch is written and not synced.
        case beforeSync
        /// The sync is done, and the node does not know it.
        case afterSync
    }

    var point: Point
    var isPowerLoss: Bool
    var downTime: Timespan
}
