import Primitives
import Simulation

/// What `tally simulate --gossip` says in the end. Nothing of it depends on the machine.
enum SimulateGossipReport {
    static func lines(_ figures: GossipSimulation.Figures) -> [String] {
        let options = figures.options
        let period = options.profile.probeInterval.wholeMilliseconds
        return [
            "\(figures.seeds) seeds of \(options.members) members, \(options.slowMembers) slow, "
                + "\(options.lossPercent)% lost, "
                + (options.hasLifeguard ? "with" : "without")
                + " Lifeguard; a period is \(period) ms",
            "first ping that shows a death: mean "
                + "\(hundredths(figures.firstProbe.mean(times: 100))) periods (theory: 1.58)",
            row("first suspicion", figures.firstSuspicion),
            row("dead at the first", figures.firstDeath),
            row("dead at all others", figures.deadEverywhere),
            row("news at all others", figures.spread),
            "load: \(thousandths(figures.messagesInThousandSeconds)) messages and "
                + "\(figures.bytesInSecond) bytes per member per second",
            "in \(figures.watchedPeriods) periods of well members: \(figures.wellSuspected) suspected, "
                + "\(figures.wellDead) held for dead, by \(figures.wellDeadViews) others in all; "
                + "slow members held for dead \(figures.slowDead) times",
            "\(figures.violations.count) violations, hash \(figures.hash.padded(to: 16, radix: 16))",
        ]
    }

    static func json(_ figures: GossipSimulation.Figures, first: UInt64) -> String {
        let options = figures.options
        return "{\"seeds\":\(figures.seeds),\"first\":\(first),\"members\":\(options.members),"
            + "\"slowMembers\":\(options.slowMembers),\"lossPercent\":\(options.lossPercent),"
            + "\"lifeguard\":\(options.hasLifeguard),"
            + "\"periodMilliseconds\":\(options.profile.probeInterval.wholeMilliseconds),"
            + "\"firstProbePeriodsMean\":\(hundredths(figures.firstProbe.mean(times: 100))),"
            + field("firstSuspicionPeriods", figures.firstSuspicion)
            + field("firstDeathPeriods", figures.firstDeath)
            + field("deadEverywherePeriods", figures.deadEverywhere)
            + field("spreadPeriods", figures.spread)
            + "\"messagesPerMemberSecond\":\(thousandths(figures.messagesInThousandSeconds)),"
            + "\"bytesPerMemberSecond\":\(figures.bytesInSecond),"
            + "\"watchedPeriods\":\(figures.watchedPeriods),"
            + "\"wellSuspected\":\(figures.wellSuspected),\"wellDead\":\(figures.wellDead),"
            + "\"wellDeadViews\":\(figures.wellDeadViews),\"slowDead\":\(figures.slowDead),"
            + "\"hash\":\"\(figures.hash.padded(to: 16, radix: 16))\","
            + "\"violations\":\(figures.violations.count)}"
    }

    private typealias Distribution = GossipSimulation.Figures.Distribution

    private static func row(_ name: String, _ distribution: Distribution) -> String {
        "\(name): median \(hundredths(distribution.median)) periods, "
            + "p99 \(hundredths(distribution.percentile(99)))"
    }

    private static func field(_ name: String, _ distribution: Distribution) -> String {
        "\"\(name)\":{\"median\":\(hundredths(distribution.median)),"
            + "\"p99\":\(hundredths(distribution.percentile(99)))},"
    }

    private static func hundredths(_ number: Int) -> String { decimal(number, places: 2) }

    private static func thousandths(_ number: Int) -> String { decimal(number, places: 3) }

    /// A whole number of parts, as many as a one and so many zeros make a whole.
    private static func decimal(_ number: Int, places: Int) -> String {
        let digits = number.padded(to: places + 1)
        return "\(digits.dropLast(places)).\(digits.suffix(places))"
    }
}
