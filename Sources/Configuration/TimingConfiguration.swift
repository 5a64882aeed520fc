import Primitives

/// How long things take and are waited for.
public struct TimingConfiguration: Hashable, Sendable {
    /// How often a leader shows its followers that it is there.
    public var heartbeat: Timespan

    /// The bounds of the random time without a leader after which a node campaigns.
    public var election: ClosedRange<Timespan>

    /// How long a client's request may wait for its fate.
    public var request: Timespan

    /// Those times; nothing is checked.
    public init(heartbeat: Timespan, election: ClosedRange<Timespan>, request: Timespan) {
        self.heartbeat = heartbeat
        self.election = election
        self.request = request
    }

    /// Heartbeats each 50 ms, elections after 150 to 300 ms, requests for 2000 ms: what holds where
    /// the file says nothing.
    public static let standard = TimingConfiguration(
        heartbeat: .milliseconds(50), election: .milliseconds(150) ... .milliseconds(300),
        request: .milliseconds(2000))
}

/// How hard the gossip tries, chosen by the distance between the nodes.
public enum GossipProfile: String, CaseIterable, Sendable {
    /// All nodes on one machine.
    case local
    /// One data centre.
    case lan
    /// Across the internet.
    case wan
}
