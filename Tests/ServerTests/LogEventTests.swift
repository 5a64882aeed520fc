import Posix
import Testing

@testable import Server

/// The names of the events, as people rely on them.
@Suite struct LogEventTests {
    @Test func theNamesAreStableWords() {
        let word = #/[a-z]+(-[a-z]+)*/#
        for event in LogEvent.allCases {
            #expect(event.rawValue.wholeMatch(of: word) != nil, "\(event)")
        }
    }

    /// `docs/operations.md` has a table of them: every one, and no other.
    @Test func theManualNamesEveryEvent() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let manual = String(
            decoding: try FileSystem.contents(of: "/\(root)/docs/operations.md", limit: 1 << 20),
            as: UTF8.self)
        let table = try #require(manual.split(separator: "| event | level | says |").last)
        var named: [String] = []
        for row in table.split(separator: "\n").prefix(while: { $0.hasPrefix("|") }) {
            let cell = row.split(separator: "|").first ?? ""
            named += cell.split(separator: "`").map(String.init).filter {
                $0.wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil
            }
        }
        #expect(named.sorted() == LogEvent.allCases.map(\.rawValue).sorted())
    }
}
