import Primitives

/// What others say of this member and it has yet to outdo, and when it may.
///
/// It speaks up at once, but not again at once: rumours that come faster, forged or from another
/// process of its name, are answered together.
struct SelfDefence: Sendable {
    /// The greatest claim that it has to outdo; nil where there is none.
    private(set) var pending: Standing?
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
    private var mayMentionTwin = Instant.origin

    init(profile: Profile) {
        refutationPause = profile.probeTimeout
        overrulingPause = profile.probeInterval * 10
    }

    /// Somebody says that this member is not there. That is urgent.
    mutating func accused(_ standing: Standing, at now: Instant) {
        note(standing, notBefore: max(now, mayRefute))
    }

    /// Somebody goes by this member's name: its own earlier life, whose number it outdoes once, or
    /// another process, against which it would go on for ever.
    mutating func impersonated(_ standing: Standing, at now: Instant) {
        isOverruling = true
        note(standing, notBefore: max(now, mayOverrule))
    }

    private mutating func note(_ standing: Standing, notBefore time: Instant) {
        pending = pending.map { max($0, standing) } ?? standing
        due = min(due, time)
    }

    /// It speaks up now. Returns what it outdoes.
    mutating func speak(at now: Instant) -> Standing? {
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
    mutating func mentionsTwin(at now: Instant) -> Bool {
        guard now >= mayMentionTwin else { return false }
        mayMentionTwin = now + GossipLimits.twinNoticeInterval
        return true
    }
}
