import Gossip
import Posix
import Primitives

/// One stream of the gossip: a message one way, an answer the other way, and the end.
final class GossipStream {
    /// Who opened it.
    enum Side {
        /// This node, for a call of the core.
        case call(CallID)
        /// Somebody else.
        case caller(CallerID)
    }

    /// What came of reading.
    enum Progress {
        /// More must come.
        case unfinished
        /// The message is whole.
        case message([UInt8])
        /// The stream has ended, or says more than it may.
        case over
    }

    let stream: TCPStream
    let token: PollToken
    let side: Side
    /// Until when all must be done.
    let deadline: Instant
    var isConnecting: Bool
    /// What the poller is told to look for.
    var interest: PollInterest

    private var input: [UInt8] = []
    private var output: [UInt8]
    private var sent = 0

    init(
        _ stream: consuming TCPStream, token: PollToken, side: Side, deadline: Instant,
        sending output: [UInt8] = []
    ) {
        self.stream = stream
        self.token = token
        self.side = side
        self.deadline = deadline
        self.output = output
        if case .call = side { isConnecting = true } else { isConnecting = false }
        interest = isConnecting ? .writable : .readable
    }

    var hasOutput: Bool { sent < output.count }

    /// Whether the message that was to come has come.
    private(set) var hasMessage = false

    /// Takes in what is there, a bounded amount, by way of `scratch`.
    func receive(by scratch: inout [UInt8]) -> Progress {
        guard !hasMessage, let result = try? stream.read(into: &scratch, at: 0) else {
            return .over
        }
        switch result {
        case .wouldBlock: return .unfinished
        case .end: return .over
        case .bytes(let count): input.append(contentsOf: scratch[..<count])
        }
        let header = Gossip.streamHeaderLength
        guard input.count >= header else { return .unfinished }
        // A length that is refused ends the stream before any of its bytes are kept.
        guard let length = Gossip.streamLength(of: Array(input[..<header])),
            input.count <= header + length
        else { return .over }
        guard input.count == header + length else { return .unfinished }
        hasMessage = true
        return .message(input)
    }

    /// What to answer.
    func answer(_ bytes: [UInt8]) { output = bytes }

    /// Sends what the stream takes. Returns false where it has ended.
    func flush() -> Bool {
        while sent < output.count {
            guard let result = try? stream.write(output, sent..<output.count) else { return false }
            guard case .bytes(let count) = result else { return true }
            sent += count
        }
        return true
    }
}
