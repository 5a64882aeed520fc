/// What part a server plays in its term (Raft §5.1, with the pre-candidate of thesis §9.6).
///
/// ```
///              timeout, connection lost        quorum would vote          quorum votes
///   follower ───────────────────────▶ precandidate ─────────▶ candidate ─────────▶ leader
///      ▲                                   │                     │                   │
///      └──── a leader, or a higher term ───┴─────────────────────┴── no quorum heard ┘
/// ```
public enum Role: Hashable, Sendable {
    /// Answers leaders and candidates.
    case follower
    /// Asks whether it would be elected; its term has not changed.
    case precandidate(Ballot)
    /// Asks for votes in its term.
    case candidate(Ballot)
    /// Takes commands and replicates them.
    case leader
}

/// Which voters have said yes, as bits by their position in the sorted list of voters.
public struct Ballot: Hashable, Sendable {
    private var bits: UInt16 = 0

    /// How many have said yes.
    var count: Int { bits.nonzeroBitCount }

    /// Notes the yes of the voter at `position`; saying it twice counts once.
    mutating func grant(_ position: Int) {
        bits |= 1 << UInt16(position)
    }

    /// Whether the voter at `position` has said yes.
    func isGranted(by position: Int) -> Bool {
        bits & (1 << UInt16(position)) != 0
    }
}
