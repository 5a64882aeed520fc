/// What became of one command at the cluster. The texts are one line each, for people.
public enum Answer: Sendable, Equatable {
    /// Done; the value is this now.
    case value(Int64)

    /// The cluster understood and said no, as for a sum that leaves Int64. Nothing was changed.
    case refused(String)

    /// Nothing was changed, and asking again may help.
    case notApplied(String)

    /// The write may have been applied, now or later, or not at all.
    case unknown(String)

    /// No node could be reached.
    case unreachable(String)
}
