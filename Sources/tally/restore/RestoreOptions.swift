import Primitives

/// From which backup `tally restore` makes a new cluster, and where.
struct RestoreOptions: Equatable {
    /// The backup; `-` is standard input.
    var file: String
    /// The config file of the new cluster.
    var config: String
    /// The data directory, nil for `tally-data/CLUSTER`.
    var data: String?
    /// The node whose directory is made; nil for all founding voters.
    var node: NodeID?
}
