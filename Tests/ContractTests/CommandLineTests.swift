import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

/// What the commands print, and how they exit, as a script sees them.
@Suite struct CommandLineTests {
    private func shell(_ script: String, _ arguments: [String]) throws -> TallyRun {
        try TallyRun(shell: script, arguments)
    }

    @Test func helpAndVersionAreCommands() throws {
        #expect(try TallyRun(["help"]).output == TallyRun(["--help"]).output)
        #expect(try TallyRun(["help", "add"]).output == TallyRun(["add", "--help"]).output)
        #expect(try TallyRun(["version"]).output == "tally \(TallyVersion.text)\n")
        #expect(try TallyRun(["help", "adn"]).code == 64)
    }

    @Test func checkReadsStandardInput() throws {
        let cluster = try TestCluster(nodes: 1)
        let good = try shell(
            "exec \"$0\" check - < \"$1\"", [cluster.configurationPath])
        #expect(good.code == 0 && good.output == "ok\n")
        let bad = try shell("printf '{' | \"$0\" check -", [])
        #expect(bad.code == 78)
        #expect(bad.output.hasPrefix("$: line 1, column 2: "))
    }

    @Test(arguments: ["serve", "cluster"])
    func aWorkingDirectoryThatIsGoneIs74(_ command: String) throws {
        let cluster = try TestCluster(nodes: 1)
        let node = command == "serve" ? "--node n1" : ""
        let run = try shell(
            "mkdir \"$2\" && cd \"$2\" && rmdir \"$2\" && exec \"$0\" \(command) --config \"$1\" \(node)",
            [cluster.configurationPath, "\(cluster.root)/gone"])
        #expect(run.code == 74)
        #expect(run.error.contains("the working directory is gone"), "\(run.error)")
    }

    @Test func dataUnderAPathThatCanNotBeMadeAre74() throws {
        let cluster = try TestCluster(nodes: 1)
        let run = try TallyRun([
            "serve", "--config", cluster.configurationPath, "--node", "n1", "--data",
            "/proc/nobody/data",
        ])
        #expect(run.code == 74)
        #expect(run.error.contains("/proc/nobody"), "\(run.error)")
        #expect(run.error.contains("No such file or directory"), "\(run.error)")
    }

    @Test func aValueIsAlsoJSON() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let config = ["--config", cluster.configurationPath]
        let added = try TallyRun(["add", "5", "--json"] + config)
        #expect(added.code == 0 && added.error.isEmpty)
        let members = try JSONTree(Array(added.output.utf8)).members
        #expect(members.keys.sorted() == ["index", "replayed", "term", "value"])
        #expect(members["value"] == .integer(5))
        #expect(added.output.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        let refused = try TallyRun(["add", "\(Int64.max)", "--json"] + config)
        #expect(refused.code == 1)
        let problem = try JSONTree(Array(refused.output.utf8)).members
        #expect(problem["code"] == .string("overflow"))
        #expect(problem["outcome"] == .string("not-applied"))
        #expect(refused.error.hasPrefix("tally add: refused: "))
    }

    @Test func aSetCanDependOnTheLastChange() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        try waitForKeys(cluster)
        let config = ["--config", cluster.configurationPath]
        let change = try TallyRun(["add", "5", "--json"] + config)
        guard case .integer(let index) = try JSONTree(Array(change.output.utf8)).members["index"]
        else {
            Issue.record("\(change.output) has no index")
            return
        }
        let set = try TallyRun(["set", "6", "--if-index", "\(index)"] + config)
        #expect(set.code == 0 && set.output == "6\n")
        let late = try TallyRun(["set", "7", "--if-index", "\(index)"] + config)
        #expect(late.code == 1 && late.output.isEmpty)
        #expect(late.error.hasPrefix("tally set: refused: "))
        #expect(late.error.contains("index \(index + 1)"), "\(late.error)")
        let json = try TallyRun(["set", "7", "--if-index=\(index)", "--json"] + config)
        #expect(json.code == 1)
        let problem = try JSONTree(Array(json.output.utf8)).members
        #expect(problem["code"] == .string("precondition-failed"))
        #expect(problem["outcome"] == .string("not-applied"))
        #expect(try TallyRun(["get"] + config).output == "6\n")
        #expect(try TallyRun(["set", "7", "--if-index", "x"] + config).code == 64)
        #expect(try TallyRun(["add", "7", "--if-index", "1"] + config).code == 64)
    }

    /// Nobody else takes the write while it is tried at first, and each try is in doubt.
    @Test func anAddIsSentAgainAndTakesEffectOnce() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        try waitForKeys(cluster)
        let others = try cluster.ids.filter { $0 != leader }.map { try cluster.pid(of: $0) }
        let run = try TallyRun(
            shell: """
                kill -STOP $2 $3
                "$0" add 7 --json --timeout 25 --config "$1" & patient=$!
                "$0" add 0 --timeout 1.5 --config "$1"; echo "$?"
                kill -CONT $2 $3
                wait $patient
                """, [cluster.configurationPath] + others.map { "\($0)" },
            within: .milliseconds(30_000))
        #expect(run.code == 0, "\(run.error)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.first == "75" && lines.count == 2, "\(run.output)")
        // On a busy machine the leader may have noticed that it is alone before the second one asks.
        #expect(
            run.error.hasPrefix("tally add: unknown: ")
                || run.error.hasPrefix("tally add: not applied, try again: no majority"),
            "\(run.error)")
        let members = try JSONTree(Array((lines.last ?? "").utf8)).members
        #expect(members["value"] == .integer(7))
        #expect(try cluster.request(.get, cluster.leader(), "/get").text == "7\n")
    }

    @Test func theEnvironmentSaysWhere() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let url = "http://\(cluster.http(cluster.ids[0]))"
        let byURL = try shell("TALLY_URL=\"$1\" exec \"$0\" set 7", [url])
        #expect(byURL.output == "7\n")
        let byFile = try shell(
            "TALLY_CONFIG=\"$1\" exec \"$0\" get", [cluster.configurationPath])
        #expect(byFile.output == "7\n")
        // The option wins: nobody listens where the variable points.
        let byOption = try shell(
            "TALLY_URL=http://127.0.0.1:1 exec \"$0\" get --url \"$1\"", [url])
        #expect(byOption.output == "7\n")
    }

    @Test func aClusterIsCheckedInOneLine() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        let check = ["status", "--check", "--config", cluster.configurationPath]
        let well = try TallyRun(check)
        #expect(well.code == 0)
        #expect(well.output.hasPrefix("ok: \(leader) leads in term "), "\(well.output)")
        // One address is enough: the gossip knows the others.
        let byURL = ["status", "--check", "--url", "http://\(cluster.http(leader))"]
        try Waiting.until("the whole cluster by one URL", holds: { try TallyRun(byURL).code == 0 })
        let followers = cluster.ids.filter { $0 != leader }
        try cluster.kill(followers[0])
        let away = try TallyRun(check)
        #expect(away.code == 75)
        #expect(away.output.hasSuffix("; \(followers[0]) does not\n"), "\(away.output)")
        try cluster.kill(followers[1])
        let sentence =
            "no majority: 1 of 3 nodes answers (\(followers[0]), \(followers[1]) do not); 2 are needed"
        let lost = try TallyRun(check)
        #expect(lost.code == 69)
        #expect(lost.output == sentence + "\n")
        let table = try TallyRun(["status", "--config", cluster.configurationPath])
        #expect(table.code == 0)
        #expect(table.output.hasSuffix("\n\(sentence)\n"), "\(table.output)")
        let json = try TallyRun(check + ["--json"])
        #expect(json.output.hasPrefix(#"{"health":"unavailable","detail":"no majority: "#))
        let get = try TallyRun(["get", "--timeout", "1.5", "--config", cluster.configurationPath])
        #expect(get.code == 75)
        #expect(get.error.hasSuffix(": \(sentence)\n"), "\(get.error)")
    }

    @Test func aNarrowTerminalGetsFewerColumns() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let narrow = try shell(
            "COLUMNS=40 exec \"$0\" status --config \"$1\"", [cluster.configurationPath])
        #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 40 })
        #expect(narrow.output.hasPrefix("NODE  ROLE"))
        #expect(narrow.output.contains("VALUE"))
        #expect(!narrow.output.contains("APPLIED"))
    }
}
