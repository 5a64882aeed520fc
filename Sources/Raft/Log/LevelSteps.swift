/// The cluster's feature level at every entry of a log, kept as the entries that raise it.
///
/// It never falls: an entry that names a lower level changes nothing.
struct LevelSteps {
    /// The level at the log's base.
    private var base: FeatureLevel
    /// Indexes and levels both rise.
    private var steps: [(index: LogIndex, level: FeatureLevel)] = []

    /// A log without entries behind a base of that level.
    init(base: FeatureLevel) { self.base = base }

    /// The level at the log's end.
    var last: FeatureLevel { steps.last?.level ?? base }

    /// The level at `index`, an entry of the log or its base.
    func level(at index: LogIndex) -> FeatureLevel {
        steps.last { $0.index <= index }?.level ?? base
    }

    /// Notes an entry at `index`, the log's last, that asks for `level`.
    mutating func append(_ level: FeatureLevel, at index: LogIndex) {
        if level > last { steps.append((index, level)) }
    }

    /// Forgets the entries from `index` on.
    mutating func truncate(from index: LogIndex) {
        while let last = steps.last, last.index >= index { steps.removeLast() }
    }

    /// The base moves up to `index`.
    mutating func compact(through index: LogIndex) {
        let passed = steps.prefix { $0.index <= index }.count
        guard passed > 0 else { return }
        base = steps[passed - 1].level
        steps.removeFirst(passed)
    }
}
