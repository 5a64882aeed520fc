/// How much a line of the log matters.
enum LogLevel: String, CaseIterable {
    /// The node ends, or the cluster can't serve.
    case error
    /// Something is wrong and may want a hand; the node goes on.
    case warning
    /// A change worth knowing: of role, term, quorum, connections, life.
    case info
    /// What explains other lines.
    case debug

    /// The priority that syslog(3) has for it.
    var priority: Int {
        switch self {
        case .error: 3
        case .warning: 4
        case .info: 6
        case .debug: 7
        }
    }
}
