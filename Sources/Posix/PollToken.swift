/// What a poller says back about a descriptor: a place in the host's table and how often that place
/// has been given out.
///
/// A descriptor's number is used again as soon as it is closed, and an event of the old owner may
/// still be in the batch at hand. The generation tells them apart.
public struct PollToken: Hashable, Sendable {
    /// Both numbers in one, the slot in the upper half.
    public let packed: UInt64

    /// The token of that place in its present use.
    @inlinable
    public init(slot: UInt32, generation: UInt32) {
        packed = UInt64(slot) << 32 | UInt64(generation)
    }

    /// The token that was packed into that number.
    @inlinable
    public init(packed: UInt64) {
        self.packed = packed
    }

    /// The place in the host's table.
    @inlinable
    public var slot: UInt32 { UInt32(truncatingIfNeeded: packed >> 32) }

    /// How often the place had been given out before.
    @inlinable
    public var generation: UInt32 { UInt32(truncatingIfNeeded: packed) }
}

/// What a host wants to hear about a descriptor. With nothing in it, only its failure is told.
public struct PollInterest: OptionSet, Hashable, Sendable {
    /// The set as bits.
    public let rawValue: UInt8

    /// The set with those bits.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// There is something to read, to accept, or the end of the stream.
    public static let readable = PollInterest(rawValue: 1)
    /// There is room to write, or a connection has been made.
    public static let writable = PollInterest(rawValue: 2)
}

/// What is so about one descriptor. It stays so, and is told again, until the host does something.
public struct PollEvent: Hashable, Sendable {
    /// The token with which the descriptor was registered.
    public var token: PollToken
    /// A read, or an accept, would not block.
    public var readable: Bool
    /// A write would not block.
    public var writable: Bool
    /// The peer has ended its half; ours is open. Told only where readable is wanted, and only by
    /// systems that know (Linux); everywhere a read that gives the end says the same.
    public var peerEnded: Bool
    /// Both halves are gone, or the socket has failed: the next read or `connectResult` says why.
    public var hangup: Bool

    /// An event with those findings.
    @inlinable
    public init(
        token: PollToken, readable: Bool = false, writable: Bool = false, peerEnded: Bool = false,
        hangup: Bool = false
    ) {
        self.token = token
        self.readable = readable
        self.writable = writable
        self.peerEnded = peerEnded
        self.hangup = hangup
    }
}
