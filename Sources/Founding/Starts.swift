import Primitives

/// One start of a node's process on a disk.
public struct Start: Hashable, Sendable {
    /// Which start of its disk it is, from 1.
    public var number: UInt64
    /// The process's random number.
    public var nonce: UInt64

    /// That start.
    public init(number: UInt64, nonce: UInt64) {
        self.number = number
        self.nonce = nonce
    }
}

/// How often a disk's node was started, and the nonces of the newest starts: what tells a directory
/// put back from an old copy from the one that was copied.
///
/// A number alone would not: an old copy that is started often enough comes by any number. But it
/// never comes by the nonce that a start of the other directory had.
public struct StartHistory: Hashable, Sendable {
    /// How many nonces are remembered at most.
    public static let length = 32

    /// How often the node was started; 0 on a disk that has not counted yet.
    public private(set) var count: UInt64
    /// The nonces of the newest starts, the newest first.
    public private(set) var nonces: [UInt64]

    /// No start.
    public init() {
        count = 0
        nonces = []
    }

    /// That many starts, of which the newest had these nonces; nil where there are more nonces than
    /// starts, or than are remembered.
    public init?(count: UInt64, nonces: [UInt64]) {
        guard nonces.count <= StartHistory.length, UInt64(nonces.count) <= count else { return nil }
        self.count = count
        self.nonces = nonces
    }

    /// The start that a process with that nonce makes next.
    public func next(nonce: UInt64) -> Start { Start(number: count + 1, nonce: nonce) }

    /// Adds a start, the next one.
    public mutating func append(_ start: Start) {
        precondition(start.number == count + 1, "start \(start.number) after \(count)")
        count = start.number
        nonces.insert(start.nonce, at: 0)
        if nonces.count > StartHistory.length { nonces.removeLast() }
    }

    /// Whether a disk with this history has certainly not had that start. One that lies too far back
    /// is taken for its own.
    public func excludes(_ start: Start) -> Bool {
        guard start.number <= count else { return true }
        let age = count - start.number
        return age < UInt64(nonces.count) && nonces[Int(age)] != start.nonce
    }
}

/// The newest start that a node has seen of another one's disk.
public struct PeerStart: Hashable, Sendable {
    /// The other node.
    public var node: NodeID
    /// Its disk.
    public var disk: DiskID
    /// The start.
    public var start: Start

    /// That start of that node on that disk.
    public init(node: NodeID, disk: DiskID, start: Start) {
        self.node = node
        self.disk = disk
        self.start = start
    }
}
