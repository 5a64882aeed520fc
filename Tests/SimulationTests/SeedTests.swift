import Simulation
import Testing

/// Seeds that are run with every test.
struct SeedTests {
    @Test(arguments: 1...12)
    func `a seed holds`(seed: Int) {
        let report = Simulation.run(
            seed: UInt64(seed), options: Simulation.Options(seconds: 10))
        #expect(report.violation == nil, "\(report.violation?.text ?? "")")
    }
}
