import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

/// The lines that a node writes on standard error.
@Suite struct LogTests {
    @Test func linesForPeopleCarryTimeLevelNodeAndEvent() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = cluster.ids[0]
        try cluster.startAllAndSettle()
        #expect(try cluster.terminate(node) == 0)
        let line =
            #/[\d-]{10}T[\d:]{8}\.\d{3}Z (error|warning|info|debug) n1 \[[a-z-]+\] .+/#
        let lines = cluster.standardError(of: node).split(separator: "\n")
        for text in lines { #expect(try line.wholeMatch(in: text) != nil, "\(text)") }
        for said in [
            "info n1 [serving] ", "info n1 [founded] ", "[election-started] no leader for ",
            "info n1 [elected] elected in term 1 by n1", "info n1 [stopped] stopped",
        ] {
            #expect(lines.contains { $0.contains(said) }, "\(said)")
        }
    }

    @Test func linesForProgramsAreJSON() throws {
        let cluster = try TestCluster(timing: calmTiming)
        for id in cluster.ids { try cluster.start(id, with: ["--log-format", "json"]) }
        let leader = try cluster.startAllAndSettle()
        let stranger = try RawConnection(to: try cluster.raft(leader))
        try stranger.send([UInt8](repeating: 0xFF, count: 64))
        #expect(stranger.isEnded())
        for id in cluster.ids {
            #expect(try cluster.terminate(id) == 0)
            let lines = cluster.standardError(of: id).split(separator: "\n")
            #expect(lines.count > 5)
            for text in lines {
                let line = try JSONTree(Array(text.utf8)).members
                #expect(
                    line.keys.sorted() == ["event", "fields", "level", "message", "node", "time"])
                #expect(line["node"] == .string("\(id)"))
            }
        }
        let lines = try cluster.standardError(of: leader).split(separator: "\n").map {
            try JSONTree(Array($0.utf8)).members
        }
        let elected = try #require(lines.first { $0["event"] == .string("elected") })
        #expect(elected["level"] == .string("info"))
        #expect(elected["fields"]?.members["term"]?.isInteger == true)
        #expect((elected["fields"]?.members["voters"]?.elements ?? []).count >= 2)
        #expect(lines.contains { $0["event"] == .string("stranger") })
    }

    @Test func theLineThatSaysWhyANodeEndsIsLikeAnyOther() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let serve = [
            "serve", "--config", cluster.configurationPath, "--node", "n1", "--data", cluster.data,
        ]
        let text = try TallyRun(serve)
        #expect(text.code == 74 && text.output.isEmpty)
        #expect(text.error.split(separator: "\n").count == 1)
        #expect(text.error.hasPrefix("20") && text.error.contains("Z error n1 [fatal] "))
        let json = try TallyRun(serve + ["--log-format=json"])
        #expect(json.code == 74)
        let line = try JSONTree(Array(json.error.utf8)).members
        #expect(line["level"] == .string("error") && line["event"] == .string("fatal"))
        #expect(line["fields"]?.members["exitCode"] == .integer(74))
    }

    #if os(Linux)
        @Test func underTheJournalLinesCarryThePriority() throws {
            let cluster = try TestCluster(nodes: 1)
            let node = cluster.ids[0]
            try cluster.startUnderJournal(node)
            try cluster.waitUntilReady(node)
            try cluster.terminate(node)
            let lines = cluster.standardError(of: node).split(separator: "\n")
            #expect(!lines.isEmpty)
            let line = #/<([3467])>(error|warning|info|debug) n1 \[[a-z-]+\] .+/#
            for text in lines { #expect(try line.wholeMatch(in: text) != nil, "\(text)") }
            #expect(lines.contains { $0.hasPrefix("<6>info n1 [elected] ") })
        }
    #endif

    @Test(arguments: ["xml", ""]) func anotherFormatIsAUsageError(_ format: String) throws {
        for command in [["serve", "--config", "f", "--node", "n1"], ["cluster"]] {
            let run = try TallyRun(command + ["--log-format=\(format)"])
            #expect(run.code == 64 && run.error.contains("--log-format"), "\(run.error)")
        }
    }

    /// Health checks, TLS and HTTP at the raft port: a line or two, however many come.
    @Test func probesOfTheRaftPortGiveFewLines() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        let before = try cluster.status(of: leader).term
        for number in 0..<200 {
            let connection = try RawConnection(to: try cluster.raft(leader))
            switch number % 4 {
            case 0: break
            case 1: try? connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            case 2: try? connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC])
            default: try? connection.send((1...64).map { UInt8(truncatingIfNeeded: $0 * number) })
            }
        }
        try Waiting.until(
            "the probes to be heard",
            holds: { cluster.standardError(of: leader).contains("[stranger]") })
        #expect(try cluster.status(of: leader).term == before)
        try cluster.terminate(leader)
        let lines = cluster.standardError(of: leader).split(separator: "\n")
        let probes = lines.filter { $0.contains("[stranger]") }
        #expect((1...12).contains(probes.count), "\(probes.joined(separator: "\n"))")
        #expect(probes.contains { $0.hasSuffix(" more times)") })
    }
}
