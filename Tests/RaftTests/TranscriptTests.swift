import Posix
import Testing

/// Stories that are read as text and are the expected output (`Transcripts/*.txt`).
///
/// With `TALLY_REWRITE_TRANSCRIPTS=1` in the environment they are written anew instead; what changed
/// is then to be read before it is committed.
@Suite struct TranscriptTests {
    private static let directory = FileSystem.parent(of: #filePath) + "/Transcripts"

    /// The transcripts' file names, sorted.
    static let names = ((try? FileSystem.names(in: directory)) ?? []).filter {
        $0.hasSuffix(".txt")
    }
    .sorted()

    @Test(arguments: names)
    func tells(name: String) throws {
        let path = "\(TranscriptTests.directory)/\(name)"
        let bytes = try FileSystem.contents(of: path, limit: 1 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        let told = try Script.played(text)
        if TranscriptTests.isRewriting {
            try FileSystem.replaceAtomically(path, with: Array(told.utf8))
            return
        }
        let expected = text.split(separator: "\n", omittingEmptySubsequences: false)
        let lines = told.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, pair) in zip(expected, lines).enumerated() where pair.0 != pair.1 {
            Issue.record("\(name):\(number + 1) should read: \(pair.1)")
            break
        }
        #expect(lines.count == expected.count, "\(name) has another number of lines")
    }

    @Test func eachBeginsWithItsQuestion() throws {
        #expect(TranscriptTests.names.count >= 8)
        for name in TranscriptTests.names {
            let path = "\(TranscriptTests.directory)/\(name)"
            let bytes = try FileSystem.contents(of: path, limit: 1 << 20)
            let first = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }
            #expect(first.hasPrefix("# ") && first.contains("?"), "\(name) asks nothing")
        }
    }

    private static var isRewriting: Bool { Environment.has("TALLY_REWRITE_TRANSCRIPTS=1") }
}
