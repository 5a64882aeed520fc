import Primitives
import Testing

@testable import HTTP

/// The parser against its simple twin, on requests damaged at random.
@Suite struct RequestTwinTests {
    /// Pieces that matter to a parser, to be put in anywhere.
    private static let pieces: [[UInt8]] =
        [
            "\r\n", "\r", "\n", " ", "\t", ":", ",", "/", "?", "#", "0", "1", "5", "\u{0}",
            "\u{7F}",
            "Host: b\r\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "chunked, ",
            "Connection: close\r\n", "Expect: x\r\n", "If-Match: 1\r\n", "Origin: null\r\n",
            "Idempotency-Key: k\r\n", "Tally-First-Index: 7\r\n",
            "If-None-Match: \"1\"\r\n", "HEAD ", "1\r\na\r\n", "0\r\n\r\n",
            "http://", "*", "[", "]", "@", "HTTP/1.0", "\r\n\r\n",
        ].map { Array($0.utf8) } + [[0x80], [0xFF]]

    private static func mutated(_ source: inout RandomSource) -> [UInt8] {
        let good = RequestCorpus.good
        var bytes = good[source.below(good.count)].bytes
        for _ in 0..<source.below(4) {
            let place = source.below(bytes.count)
            switch source.below(5) {
            case 0: bytes[place] = UInt8(source.below(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: pieces[source.below(pieces.count)], at: place)
            case 3: bytes[place] ^= 0x20
            default: bytes.removeSubrange(place..<min(bytes.count, place + source.below(9)))
            }
            if bytes.isEmpty { bytes = [UInt8(ascii: "G")] }
        }
        return bytes
    }

    @Test func agreesWithASimpleReader() {
        var source = RandomSource(seed: 9112)
        var (accepted, refused) = (0, 0)
        for _ in 0..<15_000 {
            let bytes = RequestTwinTests.mutated(&source)
            let (parser, progress) = parse(bytes)
            switch (SimpleRequestReader.read(bytes), progress) {
            case (.accepted(let answer), .request(let request, let consumed)):
                accepted += 1
                let own = SimpleRequestReader.Answer(
                    method: text(bytes[request.methodName]), target: text(bytes[request.target]),
                    body: Array(parser.body(of: request, in: bytes)), consumed: consumed,
                    keepAlive: request.keepAlive)
                #expect(own == answer, "\(text(bytes).debugDescription)")
            case (.refused, .refused):
                refused += 1
            case (.incomplete, _):
                // The input ends early or lies beyond the twin; the parser may have seen enough.
                continue
            case (let verdict, let progress):
                Issue.record("\(text(bytes).debugDescription): \(verdict), \(progress)")
            }
        }
        // Both answers were met often enough for the agreement to mean something.
        #expect(accepted > 3000 && refused > 3000)
    }

    /// A long run of damaged requests on connections that break off at the first refusal: nothing
    /// traps, every range lies within what was given, and a refusal has a reason.
    @Test func neverLeavesItsBounds() {
        var source = RandomSource(seed: 9110)
        var fed = 0
        while fed < 500_000 {
            var stream: [UInt8] = []
            for _ in 0...source.below(4) { stream += RequestTwinTests.mutated(&source) }
            var parser = RequestParser()
            var (start, end) = (0, 0)
            connection: while true {
                switch parser.parse(stream, from: start, to: end) {
                case .needsMore, .needsContinue:
                    guard end < stream.count else { break connection }
                    end = min(stream.count, end + 1 + source.below(40))
                case .request(let request, let consumed):
                    #expect(consumed > 0 && start + consumed <= end)
                    let given = start..<end
                    let ranges = [
                        request.methodName, request.target, request.path, request.query,
                        request.contentType, request.idempotencyKey, request.firstIndex,
                        request.ifMatch,
                    ].compactMap(\.self)
                    #expect(ranges.allSatisfy { given.contains($0) })
                    let source = parser.bodySource(of: request, in: stream)
                    #expect(source.indices.contains(request.body))
                    start += consumed
                case .refused(let fault):
                    #expect(!"\(fault.detail)".isEmpty)
                    break connection
                }
            }
            fed += end
        }
    }
}
