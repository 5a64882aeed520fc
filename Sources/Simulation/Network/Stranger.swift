import Primitives

/// Somebody who is no node, at one end of a connection: what it says, and whether it listens.
struct Stranger {
    /// All that it says, in this order.
    var speech: [UInt8] = []
    /// How much of it has left.
    var said = 0
    /// Whether it takes what it is told; otherwise the buffers between fill.
    var listens = true
    /// How it goes, if it does before the node ends the connection.
    var departure = Departure.end

    enum Departure {
        /// It says no more and closes.
        case end
        /// It breaks off.
        case reset
        /// It stays for as long as it may.
        case never
    }

    /// What is left to say.
    var rest: Range<Int> { said..<speech.count }
}
