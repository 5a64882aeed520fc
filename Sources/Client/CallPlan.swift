import Configuration
import HTTP
import Primitives

/// One command's way over the nodes: which node to ask next, and when to stop.
///
/// A read and a write with a key may be sent as often as one likes. A write without a key goes to
/// another node only when the last one can't have applied it: its bytes never left, it was redirected, or
/// it was refused with a node's word for that.
///
/// The answer speaks for all tries together: once one of them may have been applied, the write is of
/// unknown outcome, whatever others say, unless its key has found the answer to that try.
struct CallPlan {
    /// What makes it safe to send the command again.
    enum Safety: Equatable {
        /// It changes nothing.
        case read
        /// It will have a key, once a node has said how far the log is: that is asked first.
        case unlearned
        /// It has a key, and the log had got that far before the first try.
        case keyed(firstIndex: UInt64)
        /// Nothing does.
        case none
    }

    enum Step: Equatable {
        /// Ask there, but not before that moment.
        case ask(HTTPURL, notBefore: Instant)
        case done(Answer)
    }

    private let urls: [HTTPURL]
    /// What the next request is: the question for the index, or the command with or without a key.
    private(set) var safety: Safety
    private let timeouts: CallTimeouts
    private let begin: Instant
    private var position = 0
    private var url: HTTPURL
    private var redirects = 0
    private var backoff: Timespan
    /// What the last node said that was there to say something; it explains more than the silence of
    /// those that are not.
    private var lastAnswer: String?
    private var lastSilence = ""
    /// Why a try of this write may have been applied, once one may.
    private var doubt: String?
    /// The key's safety, while a node is asked without the key, since it knows none.
    private var dropped: Safety?
    /// Whether a node was reached and gave no answer.
    private var hasMetSilence = false

    /// A plan that begins now with the first of the URLs, of which there is at least one.
    init(_ urls: [HTTPURL], _ safety: Safety, timeouts: CallTimeouts, at now: Instant) {
        precondition(!urls.isEmpty, "a command for no node")
        self.urls = urls
        self.safety = safety
        self.timeouts = timeouts
        begin = now
        url = urls[0]
        backoff = timeouts.firstBackoff
    }

    /// The first step.
    var first: Step { .ask(url, notBefore: begin) }

    /// The step after that outcome.
    mutating func next(after outcome: Exchange.Outcome, at now: Instant) -> Step {
        if case .lost = outcome { hasMetSilence = true }
        if safety == .unlearned { return learn(from: outcome, at: now) }
        let tried = safety
        let step = step(after: outcome, at: now)
        guard let doubt else { return step }
        // A write in doubt must not be sent again where no key made that safe.
        if tried == .none { return .done(.unknown(doubt)) }
        guard case .done(let answer) = step else { return step }
        return .done(answer.isFoundByKey ? answer : .unknown(doubt))
    }

    /// Whether the next request need not be waited for to the end: it may be sent again, and there is
    /// another node to ask. The first silence alone is cut short, or a cluster that is slow as a whole
    /// would never get to answer.
    var isImpatient: Bool {
        switch safety {
        case .unlearned, .keyed: !hasMetSilence && urls.contains { $0.address != url.address }
        case .read, .none: false
        }
    }

    /// Takes the index out of a node's status, and goes on with the command at the same node.
    private mutating func learn(from outcome: Exchange.Outcome, at now: Instant) -> Step {
        switch outcome {
        case .unreached(let reason):
            lastSilence = words(reason)
            return moveOn(at: now)
        case .lost(let reason):
            return moveOn(at: now, since: reason)
        case .answered(let response):
            let problem = Problem(response)
            if response.status == 503 { return moveOn(at: now, since: problem.detail) }
            let document = response.status == 200 ? JSONValue(bytes: response.body) : nil
            let status = document.flatMap { NodeStatus($0) }
            // All nodes tell it. Without the index a key may be forgotten unnoticed, so there is none.
            safety = status.map { .keyed(firstIndex: $0.commit) } ?? .none
            return .ask(url, notBefore: now)
        }
    }

    private mutating func step(after outcome: Exchange.Outcome, at now: Instant) -> Step {
        switch outcome {
        case .unreached(let reason):
            lastSilence = words(reason)
            return moveOn(at: now)
        case .lost(let reason):
            return moveOnInDoubt(at: now, since: reason)
        case .answered(let response):
            return judge(response, at: now)
        }
    }

    private mutating func judge(_ response: Response, at now: Instant) -> Step {
        let problem = Problem(response)
        switch response.status {
        case 200:
            if let answer = CallPlan.success(of: response) { return .done(answer) }
            return moveOnInDoubt(
                at: now, since: "it answers without a value; is it a node of Tally?")
        case 307:
            return follow(response["location"], at: now)
        case 409 where problem.code == "key-expired":
            if doubt != nil { return .done(.unknown(words(problem.detail))) }
            // The index was seen too long ago, and nothing is kept of this try.
            safety = .unlearned
            return moveOn(at: now, since: problem.detail)
        case 501 where isKeyed && doubt == nil:
            // A cluster with nodes of an earlier version knows no keys. One that was founded just now
            // will, so the next node is asked with the key again.
            dropped = safety
            safety = .none
            return .ask(url, notBefore: now)
        case 400..<500 where response.status != 408, 501:
            return .done(
                .refused(words(problem.detail), code: problem.code, isReplay: problem.isReplay))
        case 503 where problem.code == "transfer-failed":
            // The leader has tried for an election timeout; each try holds the writes of others up.
            return .done(.notApplied(words(problem.detail)))
        default:
            return problem.isNotApplied
                ? moveOn(at: now, since: problem.detail)
                : moveOnInDoubt(at: now, since: problem.detail)
        }
    }

    /// Turns to the next node after a try that may have been applied, where it was a write's.
    private mutating func moveOnInDoubt(at now: Instant, since reason: String) -> Step {
        if safety != .read, doubt == nil { doubt = words(reason) }
        return moveOn(at: now, since: reason)
    }

    /// A redirect says that the write was not taken here, wherever it points.
    private mutating func follow(_ location: String?, at now: Instant) -> Step {
        guard let target = location.flatMap(HTTPURL.init) else {
            return moveOn(at: now, since: "it redirects to no http address")
        }
        guard redirects < CallTimeouts.redirects else {
            return moveOn(at: now, since: "\(redirects) redirects in a row, and no leader yet")
        }
        lastAnswer = words("it redirects to \(target.authority), where nobody takes it")
        redirects += 1
        url = target
        return .ask(target, notBefore: now)
    }

    /// Turns to the next of the given nodes after what this one answered.
    private mutating func moveOn(at now: Instant, since reason: String) -> Step {
        lastAnswer = words(reason)
        return moveOn(at: now)
    }

    /// Turns to the next of the given nodes, and rests after each round over all of them. Retry-After
    /// counts in seconds; a new leader is there within a fraction of one.
    private mutating func moveOn(at now: Instant) -> Step {
        redirects = 0
        if let dropped { safety = dropped }
        dropped = nil
        position = (position + 1) % urls.count
        url = urls[position]
        var moment = now
        if position == 0 {
            if lastAnswer == nil, now >= begin + timeouts.unreachable {
                return .done(.unreachable(lastSilence))
            }
            moment = now + backoff
            backoff = min(backoff * 2, timeouts.longestBackoff)
        }
        if moment >= begin + timeouts.lastAttempt {
            return .done(lastAnswer.map { .notApplied($0) } ?? .unreachable(lastSilence))
        }
        return .ask(url, notBefore: moment)
    }

    private var isKeyed: Bool { if case .keyed = safety { true } else { false } }

    private func words(_ reason: String) -> String { "\(url.authority): \(reason)" }

    /// What a 200 says: who leads, or the value as the member of a JSON document, or digits, a minus before them perhaps, and a
    /// newline.
    private static func success(of response: Response) -> Answer? {
        if response["content-type"]?.lowercased().hasPrefix("application/json") == true {
            guard let document = JSONValue(bytes: response.body) else { return nil }
            if let leader = document["leader"]?.text,
                let term = document["term"]?.integer(UInt64.self)
            {
                return .leads(printable(leader), term: term, document: document)
            }
            guard let value = document["value"]?.integer(Int64.self) else { return nil }
            return .value(value, document: document)
        }
        if response["content-type"] == "application/octet-stream" {
            return .snapshot(response.body)
        }
        let body = response.body
        let digits = body.last == UInt8(ascii: "\n") ? body.dropLast() : body[...]
        guard digits.first != UInt8(ascii: "+") else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self)).map { .value($0) }
    }
}

extension Answer {
    /// Whether this answer to a write with a key tells of all its tries: what was found under the key, or
    /// that the key is another command's.
    fileprivate var isFoundByKey: Bool {
        switch self {
        case .value, .leads, .snapshot, .unknown: true
        case .refused(_, let code, _):
            code == "overflow" || code == "precondition-failed" || code == "key-reused"
        case .notApplied, .unreachable: false
        }
    }
}
