import Primitives

/// What `tally backup` saves, and where.
struct BackupOptions: Equatable {
    /// Where the state comes from.
    enum Source: Equatable {
        /// A running cluster, within that time; nil for the usual one.
        case cluster(Target, timeout: Timespan?)
        /// A node's own directory, DIR/ID.
        case directory(String)
    }

    /// The file; `-` is standard output.
    var file: String
    var source: Source
    /// Whether a file of that name is replaced.
    var isForced = false
}
