import Gossip
import Primitives

/// Many members of the gossip on a fake clock and a fake network, all of it fixed by one seed.
///
/// ```swift
/// let report = GossipSimulation.run(seed: 1, options: .init(members: 100))
/// report.violation  // nil
/// ```
public enum GossipSimulation {
    /// What a run is made of, beside its seed.
    public struct Options: Hashable, Sendable {
        /// How many members a run may have.
        public static let possibleMembers = 3...1_000

        /// How many members.
        public var members: Int
        /// How many of a hundred members are slow: whatever reaches one waits for up to
        /// `GossipSimulation.longestLag` before it is taken in, while its own timers run on time.
        public var slowPercent: Int
        /// How many of a hundred datagrams are lost. Streams lose nothing, as TCP's.
        public var lossPercent: Int
        /// Whether Lifeguard's extensions are in force.
        public var hasLifeguard: Bool

        /// A run of so many members; the percentages are at most 90, and leave two members well.
        public init(
            members: Int, slowPercent: Int = 0, lossPercent: Int = 0, hasLifeguard: Bool = true
        ) {
            precondition(Options.possibleMembers.contains(members), "\(members) members")
            precondition((0...90).contains(slowPercent), "\(slowPercent)% slow")
            precondition((0...90).contains(lossPercent), "\(lossPercent)% lost")
            self.members = members
            self.slowPercent = slowPercent
            self.lossPercent = lossPercent
            self.hasLifeguard = hasLifeguard
        }

        /// How many members are slow: where any are to be, one at least.
        public var slowMembers: Int {
            slowPercent == 0 ? 0 : min(max(1, members * slowPercent / 100), members - 2)
        }

        /// Whether nothing goes wrong but what the course of a run does.
        var isCalm: Bool { slowPercent == 0 && lossPercent == 0 }

        /// The members' configuration.
        public var profile: Profile {
            var profile = Profile.lan
            profile.hasLifeguard = hasLifeguard
            return profile
        }
    }

    /// How long it takes a slow member to take something in, at most: five periods.
    public static let longestLag = Profile.lan.probeInterval * 5

    /// How long anything takes from one member to another.
    static let delay = Timespan.milliseconds(1)...Timespan.milliseconds(20)

    /// Runs one seed: members that know each other, a while in which nothing happens, a member that
    /// has something new to say, and one that dies.
    public static func run(seed: UInt64, options: Options) -> Report {
        GossipWorld(seed: seed, options: options).run()
    }
}
