import Posix
import Primitives
import Synchronization

/// Loopback ports that nobody listens on.
///
/// They lie below the range from which the system gives ports to outgoing connections, so that none
/// of those can take the port of a node that is down for a moment. No port is given out twice.
public enum Ports {
    private static let given = Mutex<Set<UInt16>>([])
    private static let range: ClosedRange<UInt16> = 10_240...32_000

    /// A port that could be bound a moment ago.
    public static func free() throws -> UInt16 {
        for _ in 0..<1_000 {
            let port = UInt16.random(in: range)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            guard (try? TCPListener(bindingTo: .loopback(port: port))) != nil,
                (try? UDPSocket(bindingTo: .loopback(port: port))) != nil
            else { continue }
            return port
        }
        throw HarnessError.unexpected("no free port")
    }
}
