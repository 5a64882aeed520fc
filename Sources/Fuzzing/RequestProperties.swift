import Configuration
import HTTP
import Primitives

/// What the parser of requests promises for any bytes: ranges within them, the same requests however
/// the bytes arrive, and nothing that could end a line in what is made of them.
enum RequestProperties {
    /// A request by its bytes instead of its ranges.
    private struct Seen: Equatable {
        let method: Method
        let minorVersion: Int
        let keepAlive: Bool
        let prefersJSON: Bool
        let hasContentCoding: Bool
        /// Method, target, path, query and the fields, nil where there is none.
        let parts: [[UInt8]?]
        let body: [UInt8]
    }

    /// What a connection's bytes came to.
    private struct Outcome: Equatable {
        var requests: [Seen] = []
        var fault: RequestFault?
        /// Whether what was refused is a HEAD, as far as it had come.
        var isHead = false
        /// How many bytes at the end wait for more.
        var waiting = 0
    }

    static func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        let whole = try read(bytes)
        var random = RandomSource(seed: bytes.seed)
        let inParts = try read(bytes, inParts: &random)
        try hold(whole == inParts, "\(whole) whole, \(inParts) in parts")
        return !whole.requests.isEmpty
    }

    /// Reads bytes that all arrived at once.
    private static func read(_ bytes: [UInt8]) throws(BrokenProperty) -> Outcome {
        var parser = RequestParser()
        var outcome = Outcome()
        var from = 0
        while try step(&parser, bytes, &from, bytes.count, &outcome) {}
        return outcome
    }

    /// Reads bytes that arrive little by little in a buffer which is cleared of what was consumed now
    /// and then.
    private static func read(
        _ bytes: [UInt8], inParts random: inout RandomSource
    ) throws(BrokenProperty) -> Outcome {
        var parser = RequestParser()
        var outcome = Outcome()
        var buffer: [UInt8] = []
        var from = 0
        var arrived = 0
        while arrived < bytes.count, outcome.fault == nil {
            let most = random.chance(1, in: 2) ? 4 : bytes.count - arrived
            let count = min(1 + random.below(most), bytes.count - arrived)
            buffer.append(contentsOf: bytes[arrived..<arrived + count])
            arrived += count
            while try step(&parser, buffer, &from, buffer.count, &outcome) {}
            if random.chance(1, in: 2) {
                buffer.removeFirst(from)
                from = 0
            }
        }
        return outcome
    }

    /// Parses on, once. False where nothing more comes of the bytes.
    private static func step(
        _ parser: inout RequestParser, _ buffer: [UInt8], _ from: inout Int, _ to: Int,
        _ outcome: inout Outcome
    ) throws(BrokenProperty) -> Bool {
        outcome.waiting = to - from
        switch parser.parse(buffer, from: from, to: to) {
        case .needsMore:
            try hold(to - from <= Limits.request.messageBytes, "\(to - from) bytes buffered")
            return false
        case .needsContinue:
            return true
        case .refused(let fault):
            try hold(
                parser.parse(buffer, from: from, to: to) == .refused(fault),
                "a refusal is for good")
            outcome.fault = fault
            outcome.isHead = parser.isHead
            // How much of it had come when it was refused depends on the parts.
            outcome.waiting = 0
            return false
        case .request(let request, let consumed):
            try hold(consumed > 0 && consumed <= to - from, "\(consumed) of \(to - from) bytes")
            let seen = try seen(request, &parser, buffer, from..<from + consumed)
            outcome.requests.append(seen)
            from += consumed
            outcome.waiting = to - from
            return true
        }
    }

    private static func seen(
        _ request: Request, _ parser: inout RequestParser, _ buffer: [UInt8], _ whole: Range<Int>
    ) throws(BrokenProperty) -> Seen {
        let fields = [
            request.contentType, request.idempotencyKey, request.firstIndex, request.ifMatch,
            request.ifNoneMatch, request.authority, request.origin,
        ]
        var parts: [[UInt8]?] = []
        let more = (request.moreIfMatch + request.moreIfNoneMatch).map(Optional.some)
        let all = [request.methodName, request.target, request.path, request.query] + more + fields
        for range in all {
            if let range {
                try hold(isWithin(range, whole), "\(range) of a request in \(whole)")
            }
            parts.append(range.map { Array(buffer[$0]) })
        }
        for field in parts.suffix(fields.count) {
            try hold(
                field.map(ResponseEncoder.isFieldValueSafe) ?? true, "a control byte in a field")
        }
        _ = IfNoneMatch(request, in: buffer)
        if case .oneOf(let numbers) = IfMatch(request, in: buffer) {
            try hold(numbers.count <= IfMatch.mostTags, "\(numbers.count) numbers of a condition")
        }
        let source = parser.bodySource(of: request, in: buffer)
        let room = request.isBodyDecoded ? 0..<source.count : whole
        try hold(isWithin(request.body, room), "a body at \(request.body) of \(room)")
        let body = Array(parser.body(of: request, in: buffer))
        try checkLocation(of: request, in: buffer)
        try checkForms(in: body)
        if let query = request.query { try checkForms(in: Array(buffer[query])) }
        return Seen(
            method: request.method, minorVersion: request.minorVersion,
            keepAlive: request.keepAlive, prefersJSON: request.accept.prefersJSON,
            hasContentCoding: request.hasContentCoding, parts: parts, body: body)
    }

    private static func isWithin(_ range: Range<Int>, _ whole: Range<Int>) -> Bool {
        range.isEmpty
            || whole.lowerBound <= range.lowerBound && range.upperBound <= whole.upperBound
    }

    /// A redirect's Location is one line of visible ASCII, and a client reads the same target back.
    private static func checkLocation(
        of request: Request, in buffer: [UInt8]
    ) throws(BrokenProperty) {
        let authority = "10.0.0.7:8001"
        var line: [UInt8] = []
        var target: [UInt8] = []
        request.appendLocalTarget(from: buffer, to: &target)
        let encoder = ResponseEncoder(secondsSince1970: 0)
        try hold(
            encoder.location(
                authority: Array(authority.utf8), target: target, into: &line),
            "a Location for any request")
        let start = Array("Location: http://".utf8)
        try hold(line.starts(with: start) && line.suffix(2) == [13, 10], "a line of its own")
        let url = Array(line[start.count...].dropLast(2))
        try hold(url.isVisible, "a Location of visible ASCII: \(url)")
        let read = HTTPURL("http://" + String(decoding: url, as: UTF8.self))
        try hold(
            read?.authority == authority && read.map { Array($0.target.utf8) } == target,
            "a client reads the target \(target) out of the Location \(url)")
    }

    /// Looking for values reads within its bytes, and what a problem repeats of them stays JSON.
    private static func checkForms(in form: [UInt8]) throws(BrokenProperty) {
        if case .one(let value) = FormDecoder.lookup("value", in: form[...]) {
            try hold(value.count <= form.count, "a value is no longer than its form")
        }
        _ = MediaType.matches(form[...], "text/plain")
        var text: [UInt8] = []
        JSONText.appendQuoted(form, to: &text)
        try hold(text.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control byte in JSON")
        guard case .string = JSONValue(bytes: text) else {
            throw BrokenProperty("broken: \(text) is no JSON string")
        }
    }
}
