import Posix
import Primitives
import Replica
import Wire

/// The transport of one connection to a peer: bytes in, frames out, and back. All that it holds is
/// bounded, and no peak of the past keeps its room.
final class PeerLink {
    let stream: TCPStream
    let token: PollToken
    let id: LinkID
    /// Whom this node called; nil where it was called.
    let dialed: NodeID?
    /// Whether it was called at an address that only others told, though this node knows one itself.
    let isHearsay: Bool
    /// Until when the connection must stand; nil once it does.
    var connectDeadline: Instant?
    var interest: PollInterest
    /// How far the other side's handshake has come, which says what it may send.
    var speaker: Speaker
    /// Whether it is among those that are looked at in the next turn.
    var isReady = false
    /// Whether it has been taken from its place.
    var isOver = false

    private var input = [UInt8](repeating: 0, count: ServerLimits.greetingRoom)
    private var start = 0
    private var end = 0
    /// How many times in a row the room for input was more than what came.
    private var quietReads = 0

    private var output: [UInt8] = []
    private var sent = 0

    init(
        _ stream: consuming TCPStream, token: PollToken, id: LinkID, dialed: NodeID?,
        isHearsay: Bool, connectDeadline: Instant?
    ) {
        self.stream = stream
        self.token = token
        self.id = id
        self.dialed = dialed
        self.isHearsay = isHearsay
        self.connectDeadline = connectDeadline
        speaker = dialed == nil ? .caller : .called
        interest = connectDeadline == nil ? .readable : .writable
    }

    var isConnecting: Bool { connectDeadline != nil }

    // MARK: Input

    /// What came of reading.
    struct Intake {
        var bytes = 0
        /// Whether the connection has ended.
        var hasEnded = false
        /// Whether there may be more.
        var hasMore = false
    }

    /// Takes in what has come, at most about `limit` bytes, and no more before a handshake is done than
    /// a greeting has.
    func receive(atMost limit: Int) -> Intake {
        var intake = Intake()
        let room =
            speaker == .introduced ? ServerLimits.linkInput : ServerLimits.greetingRoom
        while intake.bytes < limit, end - start < room {
            makeRoom()
            guard let result = try? stream.read(into: &input, at: end) else {
                intake.hasEnded = true
                return intake
            }
            switch result {
            case .bytes(let count):
                end += count
                intake.bytes += count
                // A read that did not fill the room has emptied the socket.
                if end < input.count { return noted(intake) }
            case .end:
                intake.hasEnded = true
                return intake
            case .wouldBlock: return noted(intake)
            }
        }
        intake.hasMore = true
        return noted(intake)
    }

    private func noted(_ intake: Intake) -> Intake {
        quietReads = intake.bytes * 4 < input.count ? quietReads + 1 : 0
        return intake
    }

    private func makeRoom() {
        if start > 0 && (start == end || end == input.count) {
            input.replaceSubrange(0..<end - start, with: input[start..<end])
            end -= start
            start = 0
        }
        if end == 0, input.count > ServerLimits.inbox, quietReads > ServerLimits.quietReads {
            input = [UInt8](repeating: 0, count: ServerLimits.inbox)
            quietReads = 0
        }
        if end == input.count {
            input.append(contentsOf: repeatElement(0, count: input.count))
        }
    }

    /// The next whole frame, nil where more bytes are needed.
    func next() throws(WireFault) -> PeerMessage? {
        guard
            let frame = try FrameDecoder.decode(input, from: start, to: end, speaker: speaker)
        else { return nil }
        start += frame.consumed
        return frame.message
    }

    // MARK: Output

    /// What became of a message that was to be sent.
    enum Sending {
        case queued
        /// Raft's messages to a peer that does not take them, which Raft sends again.
        case dropped
        /// The peer takes nothing, not even what can't be left out.
        case stuck
    }

    /// Puts a message behind what is to be sent.
    func enqueue(_ message: PeerMessage) -> Sending {
        let waiting = output.count - sent
        if case .raft = message {
            if waiting > ServerLimits.linkOutput { return .dropped }
        } else if waiting > ServerLimits.linkOutput + ServerLimits.inbox + Limits.body {
            return .stuck
        }
        FrameEncoder.append(message, to: &output)
        return .queued
    }

    var hasOutput: Bool { sent < output.count }

    /// Sends what the connection takes. Returns false where it has ended.
    func flush() -> Bool {
        while sent < output.count {
            guard let result = try? stream.write(output, sent..<output.count) else { return false }
            guard case .bytes(let count) = result else {
                forgetSent()
                return true
            }
            sent += count
        }
        output.removeAll(keepingCapacity: output.capacity <= ServerLimits.keptOutput)
        sent = 0
        return true
    }

    /// While the other side takes little, what it has taken must not pile up before what it has not.
    private func forgetSent() {
        let waiting = output.count - sent
        if output.capacity > ServerLimits.keptOutput, output.capacity > waiting * 4 {
            output = Array(output[sent...])
            sent = 0
        } else if sent > ServerLimits.inbox, sent >= waiting {
            output.removeSubrange(0..<sent)
            sent = 0
        }
    }
}
