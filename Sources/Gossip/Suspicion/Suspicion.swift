import Primitives

/// A suspicion while it lasts: the member has so long to say otherwise, and the less the more
/// others have found out the same by themselves (Lifeguard §IV-B).
///
/// ```
/// timeout(c) = max(shortest, longest − (longest − shortest) · log(c+1) / log(k+1))
/// ```
struct Suspicion: Sendable {
    /// The member that is suspected.
    let id: NodeID
    /// In which of its incarnations.
    let incarnation: UInt64
    private let start: Instant
    private let shortest: Timespan
    private let longest: Timespan
    /// How many confirmations make it the shortest: k.
    private let wanted: Int
    /// The first accuser and those who have confirmed it; at most one more than wanted.
    private var accusers: [NodeID]

    init(
        of id: NodeID, incarnation: UInt64, by accuser: NodeID, in members: Int,
        profile: Profile, at now: Instant
    ) {
        self.id = id
        self.incarnation = incarnation
        start = now
        shortest = profile.shortestSuspicion(in: members)
        wanted = profile.confirmationsWanted(in: members)
        longest = wanted == 0 ? shortest : shortest * profile.suspicionCeiling
        accusers = [accuser]
    }

    /// Another one says the same. Returns whether that was news: whoever said it before, and
    /// whoever comes when enough have, makes no difference, and need not be gossiped on.
    mutating func confirm(by accuser: NodeID) -> Bool {
        guard accusers.count <= wanted, !accusers.contains(accuser) else { return false }
        accusers.append(accuser)
        return true
    }

    /// When the member is given up.
    var end: Instant {
        let confirmed = accusers.count - 1
        guard confirmed < wanted else { return start + shortest }
        let range = longest.nanoseconds - shortest.nanoseconds
        let part = UInt64(Logarithm.binary(of: confirmed + 1))
        let whole = UInt64(Logarithm.binary(of: wanted + 1))
        // In the order that neither overflows nor loses much: a part is below 2²⁰.
        let saved = range / whole * part
        return start + Timespan(nanoseconds: longest.nanoseconds - saved)
    }
}
