import Primitives

/// How quickly members look after each other, and how patiently; on the pattern of memberlist's
/// three configurations. All members of a cluster should use the same one.
public struct Profile: Hashable, Sendable {
    /// The period: each member probes one other in each (SWIM's T').
    public var probeInterval: Timespan
    /// How long the probed member has to answer before others are asked to try.
    public var probeTimeout: Timespan
    /// How many others are asked (SWIM's k).
    public var indirectProbes = 3
    /// λ: a rumour is sent λ·⌈log₁₀(n+1)⌉ times by each member (SWIM §4.1). Twice memberlist's,
    /// since here rumours travel on pings and acks alone: in a cluster of nine, where the logarithm
    /// is 1, each member is still missed by one rumour in three thousand, and not by one in fifty.
    public var retransmission = 8
    /// α: a suspicion that others confirm lasts α·max(1, log₁₀ n) periods (Lifeguard §IV-B).
    public var suspicion = 4
    /// β: one without confirmations lasts β times as long.
    public var suspicionCeiling = 6
    /// How many others have to confirm a suspicion for it to be as short as that.
    public var confirmations = 2
    /// The most that an unhealthy member stretches its own periods by, as a factor (Lifeguard
    /// §IV-A).
    public var healthCeiling = 8
    /// How often two members exchange all they know, in clusters of up to 32; beyond, the interval
    /// grows with the logarithm of the members' number, as memberlist's does.
    public var pushPullInterval: Timespan
    /// The first pause after calling seeds in vain; it doubles with each further one.
    public var joinInterval: Timespan
    /// The longest such pause.
    public var joinCeiling: Timespan
    /// How often a member that is gone, or a seed of which nothing is known, is called by one of the
    /// others, so that the halves of a cluster that was split find each other.
    public var contactInterval: Timespan
    /// How long an opened stream has to bring an answer.
    public var callTimeout: Timespan
    /// How long a leaving member repeats its announcement to those that have not acknowledged it.
    public var leaveTimeout: Timespan
    /// After how long without a word from any other member this one calls itself alone.
    public var aloneAfter: Timespan
    /// How long dead members and those that left are remembered.
    public var rememberGone = Timespan.milliseconds(24 * 3_600 * 1_000)
    /// Whether Lifeguard's three extensions are in force. Without them it is plain SWIM, with a
    /// suspicion of fixed length: for comparison, and for nothing else.
    public var hasLifeguard = true

    /// All members on one machine.
    public static let local = Profile(
        probeInterval: .milliseconds(200), probeTimeout: .milliseconds(60),
        pushPullInterval: .milliseconds(15_000), joinInterval: .milliseconds(100),
        joinCeiling: .milliseconds(1_000), contactInterval: .milliseconds(1_000),
        callTimeout: .milliseconds(1_000), leaveTimeout: .milliseconds(600),
        aloneAfter: .milliseconds(2_000))

    /// Members in one network.
    public static let lan = Profile(
        probeInterval: .milliseconds(1_000), probeTimeout: .milliseconds(500),
        pushPullInterval: .milliseconds(30_000), joinInterval: .milliseconds(250),
        joinCeiling: .milliseconds(2_000), contactInterval: .milliseconds(5_000),
        callTimeout: .milliseconds(5_000), leaveTimeout: .milliseconds(2_000),
        aloneAfter: .milliseconds(10_000))

    /// Members far from each other.
    public static let wan = Profile(
        probeInterval: .milliseconds(5_000), probeTimeout: .milliseconds(3_000),
        pushPullInterval: .milliseconds(60_000), joinInterval: .milliseconds(1_000),
        joinCeiling: .milliseconds(10_000), contactInterval: .milliseconds(20_000),
        callTimeout: .milliseconds(15_000), leaveTimeout: .milliseconds(4_000),
        aloneAfter: .milliseconds(50_000))
}
