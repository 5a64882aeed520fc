import Posix
import Primitives
import Replica
import Wire

/// The transport of one connection to a peer: bytes in, frames out, and back.
final class PeerLink {
    let stream: TCPStream
    let token: PollToken
    let id: LinkID
    /// Whom this node called; nil where it was called.
    let dialed: NodeID?
    /// Until when the connection must stand; nil once it does.
    var connectDeadline: Instant?
    var interest: PollInterest

    private var input = [UInt8](repeating: 0, count: ServerLimits.inbox)
    private var start = 0
    private var end = 0

    private var output: [UInt8] = []
    private var sent = 0

    init(
        _ stream: consuming TCPStream, token: PollToken, id: LinkID, dialed: NodeID?,
        connectDeadline: Instant?
    ) {
        self.stream = stream
        self.token = token
        self.id = id
        self.dialed = dialed
        self.connectDeadline = connectDeadline
        interest = connectDeadline == nil ? .readable : .writable
    }

    var isConnecting: Bool { connectDeadline != nil }

    /// Takes in what has come, a bounded amount. Returns false where the connection has ended.
    func receive() -> Bool {
        var taken = 0
        while taken < ServerLimits.inbox * 16 {
            makeRoom()
            guard let result = try? stream.read(into: &input, at: end) else { return false }
            switch result {
            case .bytes(let count):
                end += count
                taken += count
                // A read that did not fill the room has emptied the socket.
                if end < input.count { return true }
            case .end: return false
            case .wouldBlock: return true
            }
        }
        return true
    }

    private func makeRoom() {
        if start > 0 && (start == end || end == input.count) {
            input.replaceSubrange(0..<end - start, with: input[start..<end])
            end -= start
            start = 0
        }
        if end == input.count {
            input.append(contentsOf: repeatElement(0, count: input.count))
        }
    }

    /// The next whole frame, nil where more bytes are needed.
    func next() throws(WireFault) -> PeerMessage? {
        guard let frame = try FrameDecoder.decode(input, from: start, to: end) else { return nil }
        start += frame.consumed
        return frame.message
    }

    /// Puts a message behind what is to be sent. Returns false where it was dropped: Raft's messages
    /// to a peer that does not take them, which Raft sends again.
    func enqueue(_ message: PeerMessage) -> Bool {
        if output.count - sent > ServerLimits.linkOutput, case .raft = message { return false }
        FrameEncoder.append(message, to: &output)
        return true
    }

    var hasOutput: Bool { sent < output.count }

    /// Sends what the connection takes. Returns false where it has ended.
    func flush() -> Bool {
        while sent < output.count {
            guard let result = try? stream.write(output, sent..<output.count) else { return false }
            guard case .bytes(let count) = result else { return true }
            sent += count
        }
        output.removeAll(keepingCapacity: output.capacity <= 1 << 20)
        sent = 0
        return true
    }
}
