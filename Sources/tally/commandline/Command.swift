import Configuration
import Primitives
import Server

/// What the user asked for.
enum Command: Equatable {
    /// `--help`: the overview, or the explanation of the command of that name.
    case help(String?)
    case version
    case cluster(ClusterOptions)
    case serve(ServeOptions)
    case check(file: String)
    case get(isStale: Bool, ValueOptions)
    /// The value, where there is an index only if the last change stands there.
    case set(Int64, ifIndex: UInt64?, ValueOptions)
    case add(Int64, ValueOptions)
    /// Leadership to that voter, or to any other than the present leader.
    case transfer(to: NodeID?, ValueOptions)
    case status(StatusOptions)
    case members(MembersOptions)
    case backup(BackupOptions)
    case restore(RestoreOptions)
    case log(LogOptions)
    case simulate(SimulateOptions)
    case contrast(ContrastOptions)
    /// Members of the gossip on a fake clock.
    case simulateGossip(SimulateGossipOptions)
}

/// Which cluster `tally cluster` starts, and where its files lie.
struct ClusterOptions: Equatable {
    enum Source: Equatable {
        case file(String)
        /// The built-in cluster of that many nodes, 3 or 5.
        case builtIn(nodes: Int)
    }

    var source: Source
    /// The data directory, nil for `tally-data/CLUSTER`.
    var data: String?
    /// How the nodes' logs are written.
    var logFormat = LogFormat.text
}

/// Which node `tally serve` runs, and where its files lie.
struct ServeOptions: Equatable {
    var config: String
    var node: NodeID
    /// The data directory, nil for `tally-data/CLUSTER`.
    var data: String?
    /// Whether `tally cluster` started it: standard input is then a pipe, and its end means stop.
    var isSupervised: Bool
    /// How the log is written.
    var logFormat = LogFormat.text
}

/// Which cluster `get`, `set`, `add` and `transfer` ask, for how long, and how they answer.
struct ValueOptions: Equatable {
    var target: Target
    /// How long the command may take; nil for the usual timeouts.
    var timeout: Timespan?
    var isJSON = false
}

/// What `tally status` shows, of which cluster, and how.
struct StatusOptions: Equatable {
    var target: Target
    var isWatching = false
    var isJSON = false
    /// Whether one line and the exit code say how the cluster is.
    var isChecking = false
    /// How long each node may take; nil for a second or two.
    var timeout: Timespan?
}

/// Of which cluster `tally members` shows the members, and how.
struct MembersOptions: Equatable {
    var target: Target
    var isWatching = false
    var isJSON = false
}

/// Where the commands look for the cluster.
enum Target: Equatable {
    /// At the addresses of the built-in cluster.
    case builtIn
    /// At the addresses of that config file.
    case file(String)
    /// At these nodes.
    case addresses([Address])
}
