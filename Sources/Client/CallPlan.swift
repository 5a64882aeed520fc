import Configuration
import HTTP
import Primitives

/// One command's way over the nodes: which node to ask next, and when to stop.
///
/// A write carries no key, so it goes to another node only when the last one can't have applied it:
/// its bytes never left, it was redirected, or it was refused with a node's word for that. A read
/// may be asked as often as one likes.
///
/// The answer speaks for all tries together: once one of them may have been applied, the write is of
/// unknown outcome, whatever others say.
struct CallPlan {
    enum Step: Equatable {
        /// Ask there, but not before that moment.
        case ask(HTTPURL, notBefore: Instant)
        case done(Answer)
    }

    private let urls: [HTTPURL]
    private let isWrite: Bool
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

    /// A plan that begins now with the first of the URLs, of which there is at least one.
    init(_ urls: [HTTPURL], isWrite: Bool, timeouts: CallTimeouts, at now: Instant) {
        precondition(!urls.isEmpty, "a command for no node")
        self.urls = urls
        self.isWrite = isWrite
        self.timeouts = timeouts
        begin = now
        url = urls[0]
        backoff = timeouts.firstBackoff
    }

    /// The first step.
    var first: Step { .ask(url, notBefore: begin) }

    /// The step after that outcome.
    mutating func next(after outcome: Exchange.Outcome, at now: Instant) -> Step {
        let step = step(after: outcome, at: now)
        // A write in doubt must not be sent again: it has no key that would make that safe.
        guard let doubt else { return step }
        return .done(.unknown(doubt))
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
        case 400..<500 where response.status != 408, 501:
            return .done(.refused(words(problem.detail), code: problem.code))
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
        if isWrite, doubt == nil { doubt = words(reason) }
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
        let body = response.body
        let digits = body.last == UInt8(ascii: "\n") ? body.dropLast() : body[...]
        guard digits.first != UInt8(ascii: "+") else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self)).map { .value($0) }
    }
}
