import Simulation

/// What `tally simulate --gossip` runs.
struct SimulateGossipOptions: Equatable {
    var seeds: SimulateOptions.Seeds
    var run: GossipSimulation.Options
    var isJSON: Bool

    /// Options that mean something with `--gossip` alone.
    static let own = ["members", "slow", "loss", "without-lifeguard"]
    /// Options that mean nothing with it.
    private static let others = ["nodes", "seconds", "trace", "stride"]
    /// How many members there are where nothing is said.
    private static let standardMembers = 10

    init(_ arguments: Arguments) throws(UsageFault) {
        for name in SimulateGossipOptions.others where arguments.has(name) {
            throw arguments.fault("--\(name) does not go with --gossip")
        }
        run = GossipSimulation.Options(
            members: try arguments.integer(
                "members", in: GossipSimulation.Options.possibleMembers)
                ?? SimulateGossipOptions.standardMembers,
            slowPercent: try arguments.integer("slow", in: 0...90) ?? 0,
            lossPercent: try arguments.integer("loss", in: 0...90) ?? 0,
            hasLifeguard: !arguments.has("without-lifeguard"))
        isJSON = arguments.has("json")
        seeds = try arguments.seeds()
    }
}
