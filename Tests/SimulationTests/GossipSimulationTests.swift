import Effort
import Primitives
import Simulation
import Testing

/// Members of the gossip by the hundred. `docs/gossip.md` has the figures of larger runs.
struct GossipSimulationTests {
    private static func figures(
        _ seeds: ClosedRange<UInt64>, _ options: GossipSimulation.Options
    ) -> GossipSimulation.Figures {
        let reports = seeds.map { GossipSimulation.run(seed: $0, options: options) }
        let figures = GossipSimulation.Figures(reports, options: options)
        #expect(figures.violations.isEmpty, "\(figures.violations.first?.violation ?? "")")
        return figures
    }

    /// Completeness, accuracy and bounded dissemination are what a run checks by itself: each
    /// member learns of the death, nobody who is well is suspected, and every rumour ends.
    @Test(arguments: [3, 4, 5, 7, 16, 33, 64])
    func `every size of cluster learns of a death and of news`(members: Int) {
        let figures = GossipSimulationTests.figures(1...3, .init(members: members))
        #expect(figures.deadEverywhere.percentile(100) > 0)
        #expect(figures.spread.percentile(100) < 1_200)
    }

    @Test func `ten members agree on a death within twelve periods`() {
        let figures = GossipSimulationTests.figures(
            1...UInt64(30 * effort), .init(members: 10))
        #expect(figures.deadEverywhere.median <= 1_200)
        // 2n − 3 periods for the round, one for the probe, four for the suspicion, and the
        // spreading.
        #expect(figures.deadEverywhere.percentile(100) <= 3_000)
        // e/(e − 1) is 1.58, and a round-robin is never slower; thirty seeds tell it to a third.
        #expect((110...210).contains(figures.firstProbe.mean(times: 100)))
    }

    @Test func `what a member sends does not grow with the members`() {
        let few = GossipSimulationTests.figures(1...3, .init(members: 10))
        let many = GossipSimulationTests.figures(1...1, .init(members: 200))
        let ratio = many.messagesInThousandSeconds * 100 / few.messagesInThousandSeconds
        #expect((90...110).contains(ratio), "\(ratio)%")
        #expect((2_000...2_200).contains(few.messagesInThousandSeconds))
        // A death is known to all within 30 periods at a thousand members; at 200 all the more.
        #expect(many.deadEverywhere.median <= 3_000)
    }

    @Test func `lost datagrams harm nobody who is well`() {
        let figures = GossipSimulationTests.figures(1...2, .init(members: 20, lossPercent: 15))
        #expect(figures.wellDead == 0)
        #expect(figures.deadEverywhere.median <= 2_500)
    }

    @Test func `slow members harm fewer of the others with Lifeguard`() {
        var options = GossipSimulation.Options(members: 10, slowPercent: 20)
        let seeds = 1...UInt64(effort)
        let with = GossipSimulationTests.figures(seeds, options)
        options.hasLifeguard = false
        let without = GossipSimulationTests.figures(seeds, options)
        #expect(with.watchedPeriods == seeds.count * 100 * 8)
        #expect(with.wellSuspected * 3 < without.wellSuspected)
        #expect(with.wellDead < without.wellDead)
    }

    @Test func `a seed does the same twice, and another something else`() {
        let options = GossipSimulation.Options(members: 12, slowPercent: 10, lossPercent: 5)
        let first = GossipSimulation.run(seed: 7, options: options)
        #expect(first == GossipSimulation.run(seed: 7, options: options))
        #expect(first.hash != GossipSimulation.run(seed: 8, options: options).hash)
    }

    @Test func `percentiles are those of the sorted numbers`() {
        let options = GossipSimulation.Options(members: 3)
        let one = GossipSimulation.Figures([], options: options)
        #expect(one.firstProbe.median == 0 && one.firstProbe.mean(times: 100) == 0)
        var reports: [GossipSimulation.Report] = []
        for periods in [4, 1, 2] {
            var report = GossipSimulation.run(seed: 1, options: options)
            report.firstProbePeriods = periods
            reports.append(report)
        }
        let three = GossipSimulation.Figures(reports, options: options)
        #expect(three.firstProbe.median == 2)
        #expect(three.firstProbe.percentile(99) == 4)
        #expect(three.firstProbe.mean(times: 100) == 233)
    }
}
