import ClusterHarness
import Configuration
import HTTP
import Primitives

/// Timing for tests that share two processors with a build: elections are rare, deadlines soon.
let calmTiming = TimingConfiguration(
    heartbeat: .milliseconds(50), election: .milliseconds(400)...(.milliseconds(800)),
    request: .milliseconds(1_000))
