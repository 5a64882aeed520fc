import Primitives

/// A leader whose disk makes no progress for an election timeout steps down (hashicorp/raft#503): it
/// could keep others from leading for as long as the disk hangs.
struct StalledLeadersStepDown {
    /// How long after the timeout it may still be seen leading: it is looked at when its loop turns.
    private static let grace = Timespan.milliseconds(50)

    static func check(
        _ now: Observation, writingFor span: Timespan, electionTimeout: Timespan
    ) -> String? {
        guard now.isLeader, span > electionTimeout + grace else { return nil }
        return """
            Stalled Leaders Step Down: n\(now.node + 1) leads term \(now.term.number) and waits for \
            its disk since \(span.wholeMilliseconds) ms
            """
    }
}
