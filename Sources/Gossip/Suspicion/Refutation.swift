import Primitives

/// What others say of this member and it has yet to outdo, and when it may.
///
/// It refutes at once, but not again at once: rumours that come faster, forged or from another
/// process of its name, are answered together.
struct Refutation: Sendable {
    /// The greatest claim that it has to outdo; nil where there is none.
    private(set) var pending: VersionedState?
    /// When it may; never where there is nothing to outdo.
    private(set) var due = Instant.never
    private var mayRefute = Instant.origin
    private var mayOverrule = Instant.origin
    private let refutationPause: Timespan
    private let overrulingPause: Timespan
    /// Whether part of it is another's claim to the name.
    private var isOverruling = false
    /// Whether it has ever outdone such a claim.
    private(set) var hasOverruled = false
    /// When another process of this name may be mentioned again.
    private var nextTwinNotice = Instant.origin

    init(profile: Profile) {
        refutationPause = profile.probeTimeout
        overrulingPause = profile.probeInterval * 10
    }

    /// A rumour says that this member is not there. That is urgent.
    mutating func accused(_ versionedState: VersionedState, at now: Instant) {
        note(versionedState, notBefore: max(now, mayRefute))
    }

    /// A process goes by this member's name: its own earlier life, whose number it outdoes once, or
    /// another process, against which it would go on for ever.
    mutating func impersonated(_ versionedState: VersionedState, at now: Instant) {
        isOverruling = true
        note(versionedState, notBefore: max(now, mayOverrule))
    }

    private mutating func note(_ versionedState: VersionedState, notBefore time: Instant) {
        pending = pending.map { max($0, versionedState) } ?? versionedState
        due = min(due, time)
    }

    /// The claim to refute now, if one is due.
    mutating func takeDue(at now: Instant) -> VersionedState? {
        guard now >= due else { return nil }
        due = .never
        mayRefute = now + refutationPause
        if isOverruling {
            isOverruling = false
            hasOverruled = true
            mayOverrule = now + overrulingPause
        }
        return pending.take()
    }

    /// Whether another process of this name is to be mentioned now.
    mutating func mayNoteTwin(at now: Instant) -> Bool {
        guard now >= nextTwinNotice else { return false }
        nextTwinNotice = now + GossipLimits.twinNoticeInterval
        return true
    }
}
