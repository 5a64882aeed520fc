import Configuration
import Simulation

/// What `tally simulate` runs.
struct SimulateOptions: Equatable {
    enum Seeds: Equatable {
        /// One, told as a monitor where it is asked for.
        case one(UInt64, isTraced: Bool)
        /// So many, one after the other from `first`, or from one that is drawn.
        case many(Int, first: UInt64?)
    }

    var seeds: Seeds
    /// How many nodes; nil lets each seed choose.
    var nodes: Int?
    /// How long the faults of a seed last, in simulated seconds.
    var seconds: Int
    var isJSON = false
    /// Whether it runs a part of the seeds for another process, every `stride`-th.
    var worker: Worker?

    struct Worker: Equatable {
        var stride: Int
    }

    /// How long the faults of a seed last where nothing is said.
    static let standardSeconds = 60

    var run: Simulation.Options {
        Simulation.Options(nodes: nodes, seconds: seconds)
    }
}

extension SimulateOptions {
    init(_ arguments: Arguments) throws(UsageFault) {
        for name in SimulateGossipOptions.own where arguments.has(name) {
            throw arguments.fault("--\(name) goes with --gossip")
        }
        nodes = try arguments.integer("nodes", in: 1...7)
        seconds =
            try arguments.integer("seconds", in: 1...86_400) ?? SimulateOptions.standardSeconds
        isJSON = arguments.has("json")
        worker = try arguments.integer("stride", in: 1...1_024).map { Worker(stride: $0) }
        seeds = try arguments.seeds()
    }
}

extension Arguments {
    /// Which seeds are to be run.
    func seeds() throws(UsageFault) -> SimulateOptions.Seeds {
        let first = try seed("first")
        let seed = try seed("seed")
        let count = try integer("seeds", in: 1...1_000_000_000)
        switch (seed, count) {
        case (let seed?, nil):
            if first != nil { throw fault("--first goes with --seeds") }
            return .one(seed, isTraced: has("trace"))
        case (nil, let count?):
            if has("trace") { throw fault("--trace goes with --seed") }
            return .many(count, first: first)
        default:
            throw fault("say which seeds; write --seeds N, or --seed N for one")
        }
    }

    /// The option's value as a whole number within the range; nil where the option is not there.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageFault) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number), !text.hasPrefix("+") else {
            throw fault(
                "--\(name) \(quoted(text)) is not possible; take \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }

    /// The option's value as a seed; nil where the option is not there.
    func seed(_ name: String) throws(UsageFault) -> UInt64? {
        guard let text = value(name) else { return nil }
        guard let number = UInt64(text), !text.hasPrefix("+") else {
            throw fault("--\(name) \(quoted(text)) is no seed; take 0 to \(UInt64.max)")
        }
        return number
    }
}
