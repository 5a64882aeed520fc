import Primitives

/// What is wrong with a disk whose machine lives.
struct DiskTrouble {
    /// No file can grow, and none can be made, beyond what others give back.
    var isFull = false
    /// How many bytes were given back since the disk is full.
    var room = 0
    /// The next write fails, after any part of it.
    var failsNextWrite = false
    /// The next sync of a file fails, and any part of the file is on the platter.
    var failsNextSync = false
    /// The next sync of a file fails, and from then on the file looks synced though it is not.
    var forgetsNextSync = false
    /// How long the next sync takes, where that is far too long.
    var hangs: Timespan?
    /// Whether an operation has failed of it since the process was started.
    var hasStruck = false
}

/// A bit on a disk that is not what it was.
struct FlippedBit {
    var file: String
    var offset: Int
    var mask: UInt8
}
