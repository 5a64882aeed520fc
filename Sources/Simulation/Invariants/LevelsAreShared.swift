import Raft

/// The feature level rises only where every voter's program can do it, and never falls; what belongs to a
/// level stands behind the entry that raises the log to it.
struct LevelsAreShared {
    private(set) var level = FeatureLevel.initial

    /// An entry is committed; `newest` is the lowest of all programs' highest levels.
    mutating func check(
        _ payload: ShadowPayload, at index: LogIndex, newest: FeatureLevel
    ) -> String? {
        switch payload {
        case .nothing, .write: return nil
        case .guarded:
            if level >= FeatureLevel(2) { return nil }
            return "Levels Are Shared: entry \(index.number) is guarded, at level \(level.number)"
        case .level(let raised):
            let present = level
            level = max(level, raised)
            if raised > newest {
                return """
                    Levels Are Shared: entry \(index.number) raises the level to \(raised.number), and a \
                    voter's program can do \(newest.number)
                    """
            }
            if raised > present { return nil }
            return """
                Levels Are Shared: entry \(index.number) sets level \(raised.number), behind \
                \(present.number)
                """
        }
    }
}
