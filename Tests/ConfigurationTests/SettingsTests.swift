import Configuration
import Primitives
import Testing

/// Timing, seeds, gossip and snapshots.
struct SettingsTests {
    private static let far =
        "ms and the lowest election timeout is 150 ms; send heartbeats at least twice as often or "
        + "wait longer"

    @Test(arguments: [
        (
            "\"heartbeatMilliseconds\": 0",
            "$.timing.heartbeatMilliseconds: needs a whole number from 1 to 3600000, found 0"
        ),
        (
            "\"heartbeatMilliseconds\": 1.5",
            "$.timing.heartbeatMilliseconds: needs a whole number from 1 to 3600000, found 1.5"
        ),
        (
            "\"requestMilliseconds\": -1",
            "$.timing.requestMilliseconds: needs a whole number from 1 to 3600000, found -1"
        ),
        (
            "\"requestMilliseconds\": 3600001",
            "$.timing.requestMilliseconds: needs a whole number from 1 to 3600000, found 3600001"
        ),
        (
            "\"requestMilliseconds\": 99999999999999999999",
            "$.timing.requestMilliseconds: needs a whole number from 1 to 3600000, found "
                + "99999999999999999999"
        ),
        (
            "\"electionMilliseconds\": 300",
            "$.timing.electionMilliseconds: needs a list such as [150, 300], found 300"
        ),
        (
            "\"electionMilliseconds\": [150]",
            "$.timing.electionMilliseconds: needs two numbers, the lowest and the highest timeout, "
                + "such as [150, 300], found 1"
        ),
        (
            "\"electionMilliseconds\": [150, \"300\"]",
            "$.timing.electionMilliseconds[1]: needs a whole number from 1 to 3600000, found \"300\""
        ),
        (
            "\"electionMilliseconds\": [300, 300]",
            "$.timing.electionMilliseconds: the lowest timeout, 300, must be less than the highest, "
                + "300"
        ),
        (
            "\"heartbeatMilliseconds\": 76",
            "$.timing.heartbeatMilliseconds: two heartbeats take 152 \(far)"
        ),
        (
            "\"electionMilliseconds\": [99, 300]",
            "$.timing.electionMilliseconds: two heartbeats take 100 ms and the lowest election "
                + "timeout is 99 ms; send heartbeats at least twice as often or wait longer"
        ),
    ])
    func `timing`(member: String, fault: String) {
        #expect(faults(good("\"timing\": { \(member) }")) == [fault])
    }

    @Test func `the bounds of timing are allowed`() throws {
        let text = good(
            "\"timing\": { \"heartbeatMilliseconds\": 1, \"electionMilliseconds\": [2, 3600000], "
                + "\"requestMilliseconds\": 1 }")
        let configuration = try #require(ConfigurationCheck(bytes: Array(text.utf8)).configuration)
        #expect(
            configuration.timing
                == TimingConfiguration(
                    heartbeat: .milliseconds(1),
                    election: .milliseconds(2) ... .milliseconds(3_600_000),
                    request: .milliseconds(1)))
    }

    @Test(arguments: [
        (
            "\"snapshot\": { \"entries\": 0 }",
            "$.snapshot.entries: needs a whole number from 1 to 1000000000, found 0"
        ),
        (
            "\"gossip\": { \"profile\": 7 }",
            "$.gossip.profile: needs a text such as \"lan\", found 7"
        ),
        (
            "\"gossip\": { \"profile\": \"LAN\" }",
            "$.gossip.profile: \"LAN\" is no profile; take one of local, lan, wan"
        ),
        (
            "\"seeds\": []",
            "$.seeds: the list is empty; without \"seeds\" all nodes of the file are tried"
        ),
        (
            "\"seeds\": [\"a:1\", \"A:1\"]",
            "$.seeds[1]: A:1 is already $.seeds[0]; keep one"
        ),
        (
            "\"seeds\": [\"[::]:7001\"]",
            "$.seeds[0]: nobody can dial [::]:7001; name an address of the machine"
        ),
    ])
    func `snapshot, gossip and seeds`(member: String, fault: String) {
        #expect(faults(good(member)) == [fault])
    }

    @Test func `defaults hold where the file says nothing`() throws {
        let text = file(node(1), node(2), node(3))
        let configuration = try #require(ConfigurationCheck(bytes: Array(text.utf8)).configuration)
        #expect(configuration.timing == .standard)
        #expect(configuration.snapshotEntries == 100_000)
        #expect(
            configuration.seeds.map(\.description) == [
                "127.0.0.1:7001", "127.0.0.1:7002", "127.0.0.1:7003",
            ])
        #expect(configuration.foundingVoters.map(\.description) == ["n1", "n2", "n3"])
    }

    @Test func `the gossip profile follows the node's addresses`() throws {
        let text = file(
            node(1), "{ \"id\": \"n2\", \"http\": \"other:1\" }", "{ \"id\": \"n3\" }")
        var configuration = try #require(ConfigurationCheck(bytes: Array(text.utf8)).configuration)
        let names = try ["n1", "n2", "n3"].map { try #require(NodeID($0)) }
        #expect(names.map(configuration.gossipProfile) == [.local, .lan, .lan])
        configuration.givenGossipProfile = .wan
        #expect(configuration.gossipProfile(for: names[0]) == .wan)
    }
}
