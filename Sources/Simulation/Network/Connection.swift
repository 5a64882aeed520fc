import Primitives
import Replica
import Wire

/// One end of a connection: the connection's number times two, plus one at the end that was called.
/// It is the `LinkID` that the node at that end knows.
struct LinkEnd: Hashable {
    var number: Int

    init(number: Int) { self.number = number }
    init(connection: Int, isCalled: Bool) { number = connection * 2 + (isCalled ? 1 : 0) }
    init(_ link: LinkID) { number = Int(link.number) }

    var connection: Int { number / 2 }
    var isCalled: Bool { number % 2 == 1 }
    var other: LinkEnd { LinkEnd(number: number ^ 1) }
    var link: LinkID { LinkID(UInt64(number)) }
}

/// A connection between two processes, like TCP's: what is sent arrives in order until it breaks,
/// and neither end knows at once that it did.
struct Connection {
    /// What one end knows and has under way.
    struct Side {
        let node: Int
        /// Which of the node's processes holds this end.
        let life: Int
        /// Whether the process has been told of the connection.
        var isAnnounced = false
        /// Whether the process still holds this end.
        var isOpen = true
        /// Whether this end vanished without a word, as with a power cut.
        var isSilent = false
        /// When the last thing that was sent to this end arrives.
        var lastArrival = Instant.origin
        /// What was sent to this end and waits for the network to come back.
        var stuck: [Parcel] = []
    }

    /// What travels over a connection.
    enum Parcel {
        case message(PeerMessage)
        /// The other end was closed.
        case ending
    }

    var caller: Side
    var called: Side

    subscript(end: LinkEnd) -> Side {
        get { end.isCalled ? called : caller }
        set { if end.isCalled { called = newValue } else { caller = newValue } }
    }

    var isOver: Bool { !caller.isOpen && !called.isOpen }
}
