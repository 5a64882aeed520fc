import Gossip
import Primitives

/// What happens in a run.
///
/// ```
/// │ all tell that they are there │ nothing happens │ one has news │ one dies …  until all know it
/// ```
extension GossipWorld {
    /// For how many periods nobody dies; where something goes wrong by itself, long enough to see
    /// it.
    private var watchedPeriods: Int { options.isCalm ? 20 : 100 }
    /// Within how many periods news must be everywhere, and a death.
    private static let spreadBound = 100
    private static let deathBound = 300

    func run() -> GossipSimulation.Report {
        var report = GossipSimulation.Report(seed: seed)
        let limit = profile.retransmissions(in: options.members)
        pass(periods: limit + 2)
        // A rumour that each tells at most so often, in each period at least once, is over by now.
        if options.isCalm, processes.contains(where: { $0.gossip.waitingRumours > 0 }) {
            report.violation = "a rumour is told more than \(limit) times"
        }
        watchQuiet(&report)
        spreadNews(&report)
        kill(&report)
        report.hash = hash.value
        return report
    }

    private func pass(periods: Int) {
        advance(to: now + profile.probeInterval * periods)
    }

    private func watchQuiet(_ report: inout GossipSimulation.Report) {
        watch.messages = 0
        watch.bytes = 0
        watch.counts = true
        let start = now
        pass(periods: watchedPeriods)
        watch.counts = false
        report.watched = now.since(start)
        report.messages = watch.messages
        report.bytes = watch.bytes
        report.wellSuspected = watch.wellSuspected
        report.wellDead = watch.wellDead
        report.wellDeadViews = watch.wellDeadViews
        report.slowDead = watch.slowDead
        if options.isCalm, watch.wellSuspected + watch.wellDead > 0 {
            report.violation = "a member that was well was suspected, with nothing wrong"
        }
    }

    /// Some time in a period, so that nothing depends on where in it.
    private func drawMoment() -> Timespan {
        random.timespan(in: .zero...profile.probeInterval)
    }

    private func drawWell() -> Int {
        let well = processes.indices.filter { processes[$0].isWell }
        return well[random.below(well.count)]
    }

    private func spreadNews(_ report: inout GossipSimulation.Report) {
        advance(to: now + drawMoment())
        let speaker = drawWell()
        let start = now
        let news = GossipWorld.metadata(speaker, version: "0.2.0")
        step(speaker, .described(news))
        // Whoever knows it need not be asked again.
        var ignorant = processes.indices.filter { processes[$0].isWell && $0 != speaker }
        let id = processes[speaker].id
        advance(to: now + profile.probeInterval * GossipWorld.spreadBound) {
            while let last = ignorant.last,
                processes[last].gossip.member(id)?.metadata == news
            {
                ignorant.removeLast()
            }
            return ignorant.isEmpty
        }
        report.spread = now.since(start)
        if !ignorant.isEmpty { report.violation = "news did not reach \(ignorant.count) members" }
    }

    /// Has all others hold a member for alive: where some are slow, they may have to be told.
    private func settle(_ number: Int, _ report: inout GossipSimulation.Report) {
        let id = processes[number].id
        for _ in 0..<10 * GossipWorld.spreadBound {
            let isHeldAlive = processes.allSatisfy {
                !$0.isWell || $0.gossip.member(id)?.state == .alive
            }
            if isHeldAlive { return }
            advance(to: now + profile.probeInterval / 10)
        }
        report.violation = "a member that is well is not held for alive"
    }

    private func kill(_ report: inout GossipSimulation.Report) {
        advance(to: now + drawMoment())
        let victim = drawWell()
        settle(victim, &report)
        let start = now
        processes[victim].isRunning = false
        watch.died(victim)
        var ignorant = processes.indices.filter { processes[$0].isWell }
        let id = processes[victim].id
        advance(to: now + profile.probeInterval * GossipWorld.deathBound) {
            while let last = ignorant.last, processes[last].gossip.member(id)?.state == .dead {
                ignorant.removeLast()
            }
            return ignorant.isEmpty
        }
        guard ignorant.isEmpty, let probe = watch.firstProbe,
            let suspicion = watch.firstSuspicion, let death = watch.firstDeath
        else {
            report.violation = "a death did not become known to \(ignorant.count) members"
            return
        }
        let period = profile.probeInterval.nanoseconds
        report.firstProbePeriods = Int(probe.since(start).nanoseconds / period) + 1
        report.firstSuspicion = suspicion.since(start)
        report.firstDeath = death.since(start)
        report.deadEverywhere = now.since(start)
    }
}
