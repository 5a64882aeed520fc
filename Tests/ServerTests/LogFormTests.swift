import Configuration
import Posix
import Primitives
import Raft
import Testing

@testable import Server

/// How lines are written.
@Suite struct LogFormTests {
    private let node = NodeID("n1")!
    private let elected = LogLine(.elected(Term(9), by: [NodeID("n1")!, NodeID("n3")!]))

    private func text(_ line: LogLine, as form: LogForm, limit: Int = 4_096) -> String {
        String(
            decoding: form.render(
                line, node: node, millisecondsSince1970: 1_763_694_000_123, limit: limit),
            as: UTF8.self)
    }

    @Test func aLineForPeople() {
        #expect(
            text(elected, as: .text)
                == "2025-11-21T03:00:00.123Z info n1 [elected] elected in term 9 by n1, n3\n")
    }

    @Test func aLineForTheJournal() {
        #expect(
            text(elected, as: .journal) == "<6>info n1 [elected] elected in term 9 by n1, n3\n")
        let fatal = LogLine.fatal(NodeExit(code: 74, message: "no"))!
        #expect(text(fatal, as: .journal) == "<3>error n1 [fatal] no\n")
    }

    @Test func aLineForPrograms() {
        #expect(
            text(elected, as: .json) == """
                {"time":"2025-11-21T03:00:00.123Z","level":"info","node":"n1","event":"elected",\
                "message":"elected in term 9 by n1, n3","fields":{"term":9,"voters":["n1","n3"]}}

                """)
    }

    @Test func theJournalIsRecognised() {
        for (format, isJournal, prefix) in [
            (LogFormat.text, false, "2025"), (.text, true, "<6>"), (.json, true, "{\"time\""),
        ] {
            #expect(text(elected, as: LogForm(format, isJournal: isJournal)).hasPrefix(prefix))
        }
    }

    /// Whatever a peer says: JSON stays JSON, and text stays on its line and moves no cursor.
    @Test func wordsOfOthersStayWords() throws {
        var random = RandomSource(seed: 5)
        for _ in 0..<300 {
            let bytes = (0..<random.below(3_000)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            let said = String(decoding: bytes, as: UTF8.self) + "\"\\\n\r\u{1b}[2J\u{85}\u{2028}"
            let line = LogLine.badBytes(from: "127.0.0.1:1", said)
            let json = Array(text(line, as: .json).utf8)
            #expect(json.count <= 4_096 && json.last == UInt8(ascii: "\n"))
            let value = try #require(JSONValue(bytes: Array(json.dropLast())))
            #expect(value["event"]?.text == "stranger")
            let plain = text(line, as: .text)
            #expect(plain.utf8.count <= 4_096 && plain.hasSuffix("\n"))
            let controls = plain.dropLast().unicodeScalars.filter {
                $0.properties.generalCategory == .control
            }
            #expect(controls.isEmpty)
        }
    }

    @Test func aLineThatIsTooLongIsCut() throws {
        let line = LogLine.badBytes(
            from: "127.0.0.1:1", String(repeating: "\u{1}x", count: 10_000))
        for form in [LogForm.text, .journal, .json] {
            let bytes = Array(text(line, as: form).utf8)
            #expect((2_000...4_096).contains(bytes.count), "\(bytes.count)")
            #expect(bytes.last == UInt8(ascii: "\n"))
        }
        let json = Array(text(line, as: .json).utf8)
        #expect(JSONValue(bytes: Array(json.dropLast())) != nil)
    }

    @Test func reasonsAreSentences() {
        let n1 = NodeID("n1")!
        let n3 = NodeID("n3")!
        for (notice, sentence) in [
            (
                Raft.Notice.electionStarted(.silence(n1, .milliseconds(412))),
                "no heartbeat from n1 for 412 ms: asking for votes"
            ),
            (
                .electionStarted(.connectionLost(n1)),
                "the connection to n1 ended: asking for votes"
            ),
            (
                .electionStarted(.again(.milliseconds(200))),
                "no majority of votes within 200 ms: asking for votes again"
            ),
            (
                .quorumLost(.milliseconds(300)),
                "stepping down: no majority heard for 300 ms"
            ),
            (.newerTerm(Term(9), at: n3, was: .leader), "stepping down: n3 is in term 9"),
            (.voted(for: n3, Term(9)), "voted for n3 in term 9"),
            (.following(n3, Term(9)), "following n3 in term 9"),
            (.behind(n3, entries: 700), "n3 is behind by 700 entries: catching up"),
            (.caughtUp(n3), "n3 has caught up"),
        ] {
            #expect(LogLine(notice).message == sentence)
        }
        #expect(
            LogLine.majorityLost([n1], of: [n1, NodeID("n2")!, n3]).message
                == "no majority: 1 of 3 nodes answers (n2, n3 do not); 2 are needed")
        #expect(
            LogLine.majorityBack(n3, after: .milliseconds(81)).message
                == "majority back; leader n3 after 81 ms")
    }
}
