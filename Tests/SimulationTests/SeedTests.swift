import Effort
import Simulation
import Testing

/// Seeds that are run with every test, those among them that once found a fault.
struct SeedTests {
    /// Seeds that broke a rule, and what was wrong.
    private static let found: [(seed: UInt64, fault: String)] = [
        (249, "a torn tail that looked like an endless record was taken for damage"),
        (212_893_419_869, "a founding announced over a contested connection was dropped"),
        (212_893_421_703, "the same, with a leader that was elected much later"),
        (60_023, "a whole disk was taken for one that had lost entries, by how far its log agreed"),
        (60_109, "the same"), (60_168, "the same"), (60_217, "the same"), (60_264, "the same"),
        (60_270, "the same"),
    ]

    @Test(arguments: 1...6 * effort)
    func `a seed holds`(seed: Int) {
        let report = Simulation.run(
            seed: UInt64(seed), options: Simulation.Options(seconds: 8))
        #expect(report.violation == nil, "\(report.violation?.text ?? "")")
        #expect(report.acknowledged > 0)
        #expect(report.healedAfter != nil)
    }

    /// A stop closed the log with a commit index that reached entries which the disk held in an older
    /// form: they had been cut off while they were written, and what replaced them was never written.
    @Test func `a stop marks nothing as committed that the disk does not hold`() {
        let report = Simulation.run(seed: 20_631)
        #expect(report.violation?.text == nil)
    }

    @Test(arguments: found.map(\.seed))
    func `a seed that once found a fault holds`(seed: UInt64) {
        let report = Simulation.run(seed: seed, options: Simulation.Options(seconds: 10))
        #expect(report.violation == nil, "\(report.violation?.text ?? "")")
    }

    @Test(arguments: 1...7)
    func `every size of cluster lives through a quiet day`(nodes: Int) {
        let report = Simulation.run(
            seed: 5, options: Simulation.Options(nodes: nodes, seconds: 5, faults: false))
        #expect(report.violation == nil, "\(report.violation?.text ?? "")")
        #expect(report.acknowledged > 50)
        #expect(report.terms == 1, "a leader was lost without a fault")
    }

    @Test(arguments: [3, 11, 249] as [UInt64])
    func `a seed does the same twice`(seed: UInt64) {
        let options = Simulation.Options(seconds: 5)
        var lines: [[String]] = []
        var hashes: [UInt64] = []
        for _ in 0..<2 {
            var told: [String] = []
            hashes.append(Simulation.run(seed: seed, options: options) { told.append($0) }.hash)
            lines.append(told)
        }
        #expect(hashes[0] == hashes[1])
        #expect(lines[0] == lines[1])
        #expect(!lines[0].isEmpty)
    }

    @Test func `another seed does something else`() {
        let options = Simulation.Options(seconds: 2)
        #expect(
            Simulation.run(seed: 1, options: options).hash
                != Simulation.run(seed: 2, options: options).hash)
    }
}
