import HTTP
import Posix
import Primitives

/// Is told how many bytes of a response's content have come, and how many will be.
public typealias ContentWatch = (_ received: Int, _ whole: Int) -> Void

/// One request on a connection of its own, and how far it has come.
///
/// ```
///  naming ──▶ connecting ──▶ sending ──▶ receiving ──▶ over
///               ▲      │ refused, too slow
///               └──────┘ the host's next address
/// ```
///
/// How it ends tells whether the node can have seen the request: all that a write's safety hangs on.
final class Exchange {
    /// How an exchange ended.
    enum Outcome: Equatable {
        /// The node answered.
        case answered(Response)
        /// No byte of the request has left for the node.
        case unreached(String)
        /// The node may have the request, and gave no answer that can be read.
        case lost(String)
    }

    private enum Phase {
        case naming, connecting, sending, receiving
    }

    let address: Address
    let token: PollToken
    private(set) var outcome: Outcome?
    /// When the present phase has lasted too long.
    private(set) var deadline: Instant

    private var request: SendBuffer
    /// Whether a byte of the request has left.
    private var hasSent = false
    private let timeouts: CallTimeouts
    /// When the exchange is given up, whatever its phase.
    private let end: Instant
    private var phase = Phase.naming
    private var stream: TCPStream?
    private var addresses: ArraySlice<SocketAddress> = []
    private var parser: ResponseParser
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private let watch: ContentWatch

    /// An exchange that begins now; `dial` or `failToName` comes next.
    init(
        _ method: Method, request: [UInt8], address: Address, token: PollToken,
        timeouts: CallTimeouts, end: Instant, limits: Limits, watch: @escaping ContentWatch,
        at now: Instant
    ) {
        self.watch = watch
        self.request = SendBuffer(request)
        self.address = address
        self.token = token
        self.timeouts = timeouts
        self.end = end
        deadline = min(end, now + timeouts.connect)
        parser = ResponseParser(answering: method, limits: limits)
    }

    /// Connects to the first of the addresses that takes the connection.
    func dial(_ found: [SocketAddress], _ poller: borrowing Poller, at now: Instant) {
        guard outcome == nil, phase == .naming else { return }
        addresses = found[...]
        phase = .connecting
        dialNext(poller, at: now, after: "it has no address")
    }

    /// The host's name leads nowhere.
    func failToName(_ reason: String) {
        guard outcome == nil, phase == .naming else { return }
        outcome = .unreached(reason)
    }

    /// Goes on as far as the connection allows.
    func advance(_ poller: borrowing Poller, at now: Instant) {
        guard outcome == nil else { return }
        do throws(Errno) {
            switch phase {
            case .naming: break
            case .connecting:
                try stream?.connectResult()
                phase = .sending
                deadline = min(end, now + timeouts.response)
                try send(poller)
            case .sending: try send(poller)
            case .receiving: try receive(poller)
            }
        } catch {
            fail("\(error)", poller, at: now)
        }
    }

    /// Gives up the present phase if its time is over.
    func expire(_ poller: borrowing Poller, at now: Instant) {
        guard outcome == nil, now >= deadline else { return }
        switch phase {
        case .naming: finish(.unreached("its name can't be looked up in time"), poller)
        case .connecting: dialNext(poller, at: now, after: "no connection in time")
        case .sending, .receiving: fail("no answer in time", poller, at: now)
        }
    }

    /// Ends the exchange where the system can't go on with it.
    func abandon(_ reason: String, _ poller: borrowing Poller) {
        guard outcome == nil else { return }
        finish(hasSent ? .lost(reason) : .unreached(reason), poller)
    }

    private func dialNext(
        _ poller: borrowing Poller, at now: Instant, after reason: String
    ) {
        closeStream(poller)
        var reason = reason
        while now < end, let address = addresses.popFirst() {
            do throws(Errno) {
                let made = try TCPStream.connecting(to: address)
                try poller.register(made.descriptor, token: token, interest: .writable)
                stream = consume made
                deadline = min(end, now + timeouts.connect)
                return
            } catch {
                reason = "\(error)"
            }
        }
        outcome = .unreached(reason)
    }

    private func send(_ poller: borrowing Poller) throws(Errno) {
        let count = request.count
        defer { if request.count < count { hasSent = true } }
        guard let isWhole = try stream?.flush(&request), isWhole else { return }
        phase = .receiving
        if let descriptor = stream?.descriptor {
            try poller.modify(descriptor, token: token, interest: .readable)
        }
    }

    private func receive(_ poller: borrowing Poller) throws(Errno) {
        while outcome == nil {
            let result = try stream?.read(into: &buffer, at: 0)
            do throws(ResponseFault) {
                switch result {
                case .bytes(let count):
                    if let response = try parser.receive(buffer[..<count]) {
                        finish(.answered(response), poller)
                    } else if let progress = parser.progress {
                        watch(progress.received, progress.whole)
                    }
                case .end: finish(.answered(try parser.connectionEnded()), poller)
                case .wouldBlock, nil: return
                }
            } catch {
                finish(.lost(Exchange.text(of: error)), poller)
            }
        }
    }

    private func fail(_ reason: String, _ poller: borrowing Poller, at now: Instant) {
        if phase == .connecting {
            dialNext(poller, at: now, after: reason)
        } else {
            finish(hasSent ? .lost(reason) : .unreached(reason), poller)
        }
    }

    private func finish(_ outcome: Outcome, _ poller: borrowing Poller) {
        closeStream(poller)
        self.outcome = outcome
    }

    private func closeStream(_ poller: borrowing Poller) {
        if let descriptor = stream?.descriptor { try? poller.remove(descriptor) }
        stream = nil
    }

    private static func text(of fault: ResponseFault) -> String {
        switch fault {
        case .malformed: "it answers, but not in HTTP"
        case .tooLarge: "its answer is too long"
        case .truncated: "the connection ended before the answer did"
        }
    }
}
