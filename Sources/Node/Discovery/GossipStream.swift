import Gossip
import Primitives
import Replica

/// One stream of the gossip: a message one way, an answer the other way, and the end.
struct GossipStream {
    /// Who opened it.
    enum Side: Equatable {
        /// This node, for a call of the core.
        case call(CallID)
        /// Somebody else.
        case caller(CallerID)
    }

    let id: LinkID
    let side: Side
    /// Until when all must be done.
    let deadline: Instant
    /// Whether the connection stands.
    var isConnected: Bool
    var output = SendBuffer()
    private var input: [UInt8] = []
    /// Whether the message that was to come has come.
    private(set) var hasMessage = false
    /// Whether what came breaks the rules.
    private(set) var isBroken = false
    /// Whether the other side got all that it was to get.
    var isAnswered = false
    /// Whether the host was told to end it.
    var isClosing = false

    init(_ id: LinkID, caller: CallerID, until deadline: Instant) {
        self.id = id
        side = .caller(caller)
        self.deadline = deadline
        isConnected = true
    }

    init(_ id: LinkID, call: Gossip.Effects.Call, until deadline: Instant) {
        self.id = id
        side = .call(call.id)
        self.deadline = deadline
        isConnected = false
        output.append(call.bytes)
    }

    /// How many more bytes it takes: a header, then as many as that announces and one, by which a
    /// message that is too long is known.
    var room: Int {
        if hasMessage || isBroken || isClosing { return 0 }
        guard let length else { return Gossip.streamHeaderLength - input.count }
        return min(NodeLimits.read, Gossip.streamHeaderLength + length + 1 - input.count)
    }

    /// How many bytes follow the header; nil before it is there.
    private var length: Int?

    mutating func receive(_ bytes: [UInt8], _ range: Range<Int>) {
        input.append(contentsOf: bytes[range])
        guard length == nil, input.count >= Gossip.streamHeaderLength else { return }
        length = Gossip.streamLength(of: Array(input[..<Gossip.streamHeaderLength]))
        isBroken = length == nil
    }

    /// The whole message, once it has come. A length that is refused breaks the stream before any of its
    /// bytes are kept.
    mutating func takeMessage() -> [UInt8]? {
        guard !hasMessage, !isBroken, let length else { return nil }
        let missing = Gossip.streamHeaderLength + length - input.count
        isBroken = missing < 0
        guard missing == 0 else { return nil }
        hasMessage = true
        defer { input = [] }
        return input
    }

    /// Puts the core's answer before a caller.
    mutating func answer(_ bytes: [UInt8]) {
        output.append(bytes)
        isAnswered = true
    }
}
