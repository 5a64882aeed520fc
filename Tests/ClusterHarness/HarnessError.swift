/// Why the harness could not do what a test asked of it.
public enum HarnessError: Error, Hashable, CustomStringConvertible {
    /// Something did not come about in time.
    case timedOut(String)
    /// The other side ended the connection before it had said what was waited for.
    case connectionEnded(String)
    /// There is no program to test.
    case noBinary(String)
    /// The node answered what no test can go on with.
    case unexpected(String)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .timedOut(let what): "waited in vain for \(what)"
        case .connectionEnded(let what): "the connection ended before \(what)"
        case .noBinary(let where_): "there is no tally program; looked at \(where_)"
        case .unexpected(let what): what
        }
    }
}
