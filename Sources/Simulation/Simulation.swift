import Primitives

/// A whole cluster on one thread: the shipping Node and WriteAheadLog on a fake clock, a fake
/// network of streams and datagrams, and disks that lie, all of it fixed by one seed.
///
/// ```swift
/// let report = Simulation.run(seed: 1)
/// report.violation?.text  // nil
/// ```
public enum Simulation {
    /// Runs one seed: some time with the faults that it draws, then healing, within which the
    /// cluster must elect, commit and agree.
    ///
    /// - Parameters:
    ///   - seed: fixes everything that happens.
    ///   - options: how many nodes, how long.
    ///   - trace: is told every event as a line, as it happens.
    public static func run(
        seed: UInt64, options: Options = Options(), trace: ((String) -> Void)? = nil
    ) -> Report {
        let world = World(seed: seed, options: options, trace: trace)
        return world.run()
    }
}
