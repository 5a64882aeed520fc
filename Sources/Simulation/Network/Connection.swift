import Primitives
import Replica

/// A connection between two processes, like TCP's: a stream of bytes each way, in order and bounded,
/// of which neither end knows at once that it is over.
final class Connection {
    /// Its number: connections are numbered as they are opened.
    let number: Int
    /// Which of the called machine's ports it goes to.
    let port: SimulatedPort
    let caller: End
    let called: End
    /// What the caller says where it is no node.
    var stranger: Stranger?

    init(number: Int, port: SimulatedPort, caller: End, called: End) {
        self.number = number
        self.port = port
        self.caller = caller
        self.called = called
    }

    var isOver: Bool { caller.state == .closed && called.state == .closed }

    /// What one end knows, and what comes in there.
    final class End {
        enum State {
            /// The other side has not answered the call, or has not heard it.
            case connecting
            case open
            /// The process is done with it, or gone.
            case closed
        }

        /// The machine that it belongs to, by its place in the network.
        let machine: Int
        /// Which of the machine's processes holds it.
        var life: Int
        /// The name by which that process knows it; nil until it has taken the caller in.
        var link: LinkID?
        var state = State.connecting
        /// Whether this end vanished without a word, as with a power cut.
        var isSilent = false

        // What comes in.
        /// How many bytes may be under way to this end or wait here: the buffers of both machines.
        var capacity: Int
        /// How many bytes were sent to this end and have not arrived.
        var inFlight = 0
        /// What has arrived; the process has taken the first `taken` bytes of it.
        private(set) var arrived: [UInt8] = []
        private(set) var taken = 0
        /// When the last thing that was sent to this end arrives.
        var lastArrival = Instant.origin
        /// What was sent to this end and waits for the network to come back.
        var stuck: [Segment] = []
        /// Whether the other side says no more.
        var hasEnded = false
        /// Whether the process was told so.
        var isEndNoted = false
        /// Whether the process is to look at it in its next turn.
        var isReadable = false
        /// Whether the other side has more to send than there was room for.
        var isSenderBlocked = false
        /// Whether something was sent to this end that its program can't read: nothing else arrives.
        var isUnread = false
        /// What has left for this end of a frame that is not whole yet.
        var frames = FrameSplitter()

        init(machine: Int, life: Int, capacity: Int) {
            self.machine = machine
            self.life = life
            self.capacity = capacity
        }

        /// How many bytes wait for the process.
        var waiting: Int { arrived.count - taken }

        /// Where in `arrived` they lie.
        var rest: Range<Int> { taken..<arrived.count }

        /// How many more bytes may be sent to this end.
        var room: Int { max(0, capacity - inFlight - waiting) }

        func arrive(_ bytes: [UInt8]) {
            inFlight -= bytes.count
            if waiting == 0 {
                arrived = bytes
                taken = 0
            } else {
                arrived.append(contentsOf: bytes)
            }
        }

        /// The process takes that many bytes.
        func take(_ count: Int) {
            taken += count
            if taken == arrived.count {
                arrived = []
                taken = 0
            }
        }

        func dropWaiting() {
            arrived = []
            taken = 0
        }
    }
}

/// What travels over a connection.
enum Segment {
    /// The called machine takes the call.
    case connected
    /// The called machine does not take it.
    case refused
    case bytes([UInt8])
    /// There is room again for what the receiver of this is to send.
    case room
    /// The sender says no more (FIN).
    case end
    /// The connection is broken off (RST).
    case reset
}

/// A port of a machine that others can call.
enum SimulatedPort: UInt16 {
    case raft = 7_000
    case gossip = 7_001
    /// Where clients are told to go; nobody calls it here.
    case http = 8_000
}

/// One end of a connection.
struct LinkEnd {
    let connection: Connection
    let isCalled: Bool

    var other: LinkEnd { LinkEnd(connection: connection, isCalled: !isCalled) }

    /// A number that no other end has.
    var number: Int { connection.number * 2 + (isCalled ? 1 : 0) }

    var side: Connection.End { isCalled ? connection.called : connection.caller }

    static func == (left: LinkEnd, right: LinkEnd) -> Bool {
        left.side === right.side
    }
}
