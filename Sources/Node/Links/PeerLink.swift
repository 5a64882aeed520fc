import Primitives
import Replica
import Wire

/// One connection to a peer: bytes in, frames out, and back. All that it holds is bounded, and no peak
/// of the past keeps its room.
struct PeerLink {
    enum Phase: Equatable {
        /// This node has called, and the connection does not stand yet.
        case connecting(until: Instant)
        /// It stands, and the replica has not been told.
        case standing
        /// The replica knows it.
        case open
        /// The replica is done with it; what is left to send leaves as far as it goes at once.
        case closing
    }

    let id: LinkID
    /// Whom this node called; nil where it was called.
    let dialed: NodeID?
    /// Whether it was called at an address that only others told, though this node knows one itself.
    let isHearsay: Bool
    var phase: Phase
    /// How far the other side's handshake has come, which says what it may send.
    var speaker: Speaker
    var input = InputBuffer()
    var output = SendBuffer(keptCapacity: NodeLimits.keptRoom)
    /// Whether frames may be left that were not looked at.
    var hasFrames = false

    init(called id: LinkID) {
        self.id = id
        dialed = nil
        isHearsay = false
        phase = .standing
        speaker = .caller
    }

    init(calling node: NodeID, isHearsay: Bool, _ id: LinkID, until deadline: Instant) {
        self.id = id
        dialed = node
        self.isHearsay = isHearsay
        phase = .connecting(until: deadline)
        speaker = .called
    }

    /// How many more bytes it takes in now. Before a handshake is done that is a greeting's.
    var room: Int {
        guard phase == .open || phase == .standing else { return 0 }
        let limit = speaker == .introduced ? NodeLimits.linkInput : NodeLimits.greetingRoom
        return max(0, limit - input.count)
    }

    /// The next whole frame, nil where more bytes are needed.
    mutating func nextMessage() throws(WireFault) -> PeerMessage? {
        guard
            let frame = try FrameDecoder.decode(
                input.bytes, from: input.start, to: input.bytes.count, speaker: speaker)
        else { return nil }
        input.consume(frame.consumed)
        return frame.message
    }

    /// What became of a message that was to be sent.
    enum Sending {
        case queued
        /// What is sent again later, to a peer that does not take it.
        case dropped
        /// The peer takes nothing, not even what can't be left out.
        case stuck
    }

    /// Puts a message behind what is to be sent.
    mutating func enqueue(_ message: PeerMessage) -> Sending {
        switch message {
        case .raft, .stateHash:
            if output.count > NodeLimits.linkOutput { return .dropped }
        default:
            if output.count > NodeLimits.stuckOutput { return .stuck }
        }
        FrameEncoder.append(message, to: &output.bytes)
        return .queued
    }
}
