/// What is claimed of a member: its state, and in which of its incarnations.
///
/// Claims are ordered, and of two the greater one holds. A later incarnation beats an earlier one;
/// within one, `alive` gives way to `suspect`, that to `dead`, and that to `left`, which only the
/// member itself can have said:
///
/// ```
/// alive 0 < suspect 0 < dead 0 < left 0 < alive 1 < suspect 1 < dead 1 < left 1 < alive 2 < …
/// ```
///
/// Since it is the greater one whatever came first, members that have heard the same claims, in any
/// order and any number of times, believe the same. A claim of an earlier incarnation never wins,
/// so a late rumour brings no member back and harms none that has refuted it (SWIM §4.2; there `dead`
/// beats every incarnation for good, here a member may come back with a later one).
struct VersionedState: Hashable, Comparable, Sendable {
    /// Which of the member's incarnations.
    var incarnation: UInt64
    /// How it is with it.
    var state: Member.State

    /// Whether the second takes precedence over the first.
    static func < (left: VersionedState, right: VersionedState) -> Bool {
        left.incarnation == right.incarnation
            ? left.state.rawValue < right.state.rawValue : left.incarnation < right.incarnation
    }

    /// Whether a rumour may lift a member from here to there. An incarnation rises by one each time
    /// that a member refutes; a leap is a forgery, and would put the number beyond the
    /// member's own reach.
    func mayRise(to incarnation: UInt64) -> Bool {
        incarnation <= self.incarnation
            || incarnation - self.incarnation <= GossipLimits.incarnationLeap
    }
}
