import Posix
import Primitives
import Testing

@testable import tally

/// What `tally cluster` prints, as a monitor without processes.
struct ClusterMonitorTests {
    private func at(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    /// Three nodes that have been started at 1000 ms.
    private func monitor() throws -> ClusterMonitor {
        let nodes = try ["n1", "n2", "n3"].map { name in
            ClusterMonitor.Node(
                id: try #require(NodeID(name)), url: "http://127.0.0.1:800\(name.dropFirst())",
                log: "d/\(name).log")
        }
        var monitor = ClusterMonitor(nodes, begin: at(1000))
        for node in 0..<3 { _ = monitor.started(node, pid: Int32(4711 + node)) }
        return monitor
    }

    @Test func `a start is a line`() throws {
        var monitor = try monitor()
        #expect(monitor.started(1, pid: 99) == "n2 pid 99 http://127.0.0.1:8002")
    }

    @Test func `the first leader counts from the start`() throws {
        var monitor = try monitor()
        #expect(monitor.received("ready", from: 0, at: at(1010)) == nil)
        #expect(
            monitor.received("leader n1 1", from: 0, at: at(1210))
                == "leader n1 term 1 after 210 ms")
        #expect(monitor.livingLeader == 0)
    }

    @Test func `a killed leader is followed by another`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        monitor.lost(0, at: at(5000))
        #expect(monitor.livingLeader == nil)
        #expect(
            monitor.ended(0, .signal(.kill), lastLogLine: nil, at: at(5002))
                == ["n1 (pid 4711) was killed by signal 9"])
        #expect(
            monitor.received("leader n2 2", from: 1, at: at(5012))
                == "leader n2 term 2, 12 ms after n1 was lost")
        #expect(monitor.livingLeader == 1)
        #expect(monitor.verdict == nil)
    }

    @Test func `a leader that lives on has led before`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        #expect(
            monitor.received("leader n3 4", from: 2, at: at(9000))
                == "leader n3 term 4, n1 led before")
        // It ends later, and nobody counts from there.
        _ = monitor.ended(0, .code(0), lastLogLine: nil, at: at(9500))
        #expect(
            monitor.received("leader n2 5", from: 1, at: at(9900))
                == "leader n2 term 5, n3 led before")
    }

    @Test func `a follower's end moves nobody's count`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        _ = monitor.ended(2, .signal(.kill), lastLogLine: nil, at: at(2000))
        _ = monitor.ended(0, .signal(.kill), lastLogLine: nil, at: at(3000))
        #expect(monitor.started(2, pid: 5000) == "n3 pid 5000 http://127.0.0.1:8003")
        #expect(
            monitor.received("leader n3 2", from: 2, at: at(3100))
                == "majority back; leader n3 after 100 ms")
    }

    @Test func `news of a term that is over, and noise, say nothing`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n2 7", from: 1, at: at(1300))
        for line in ["leader n1 7", "leader n1 6", "leader n1 x", "leader n1", "leader n2 9", ""] {
            #expect(monitor.received(line, from: 0, at: at(1400)) == nil)
        }
        #expect(monitor.livingLeader == 1)
    }

    @Test func `a leader whose line is read after its end is counted from there`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        _ = monitor.ended(0, .signal(.kill), lastLogLine: nil, at: at(2000))
        monitor.lost(1, at: at(2030))
        #expect(
            monitor.received("leader n2 2", from: 1, at: at(2031))
                == "leader n2 term 2, 31 ms after n1 was lost")
        #expect(monitor.livingLeader == nil)
        #expect(
            monitor.received("leader n3 3", from: 2, at: at(2050))
                == "leader n3 term 3, 20 ms after n2 was lost")
    }

    @Test func `a node that ends by itself has its last words told`() throws {
        var monitor = try monitor()
        #expect(
            monitor.ended(1, .code(71), lastLogLine: "127.0.0.1:8002 is taken", at: at(1020))
                == [
                    "n2 (pid 4712) ended with exit code 71; see d/n2.log",
                    "  127.0.0.1:8002 is taken",
                ])
        #expect(monitor.ended(1, .code(71), lastLogLine: nil, at: at(1021)).isEmpty)
        #expect(monitor.dead == [1])
        #expect(!monitor.hasKilledNodes)
    }

    @Test func `a lost majority is one sentence, and its return another`() throws {
        var monitor = try monitor()
        #expect(monitor.majorityChange() == nil)
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        _ = monitor.ended(0, .signal(.kill), lastLogLine: nil, at: at(3000))
        #expect(monitor.majorityChange() == nil)
        _ = monitor.received("leader n2 2", from: 1, at: at(3012))
        _ = monitor.ended(1, .signal(.kill), lastLogLine: nil, at: at(4000))
        #expect(
            monitor.majorityChange()
                == "no majority: 1 of 3 nodes answers (n1, n2 do not); 2 are needed")
        #expect(monitor.majorityChange() == nil)
        _ = monitor.started(0, pid: 5000)
        #expect(monitor.majorityChange() == nil)
        // Its leader is dead: the next one will say so.
        #expect(!monitor.mayBeBack)
        #expect(
            monitor.received("leader n3 4", from: 2, at: at(6500))
                == "majority back; leader n3 after 2500 ms")
        _ = monitor.ended(2, .signal(.kill), lastLogLine: nil, at: at(7000))
        #expect(
            monitor.received("leader n1 5", from: 0, at: at(7012))
                == "leader n1 term 5, 12 ms after n3 was lost")
    }

    @Test func `a leader that outlived the loss of the majority need not be elected again`() throws
    {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        _ = monitor.ended(1, .signal(.kill), lastLogLine: nil, at: at(2000))
        _ = monitor.ended(2, .signal(.kill), lastLogLine: nil, at: at(2001))
        #expect(monitor.majorityBack(at: at(2002)) == nil)
        #expect(!monitor.mayBeBack)
        _ = monitor.started(2, pid: 5000)
        #expect(monitor.mayBeBack)
        #expect(monitor.majorityBack(at: at(2101)) == "majority back; leader n1 after 100 ms")
        #expect(!monitor.mayBeBack)
        #expect(monitor.majorityBack(at: at(2102)) == nil)
    }

    @Test func `a node that somebody else runs is there`() throws {
        var monitor = try monitor()
        _ = monitor.received("leader n1 1", from: 0, at: at(1210))
        _ = monitor.ended(0, .signal(.kill), lastLogLine: nil, at: at(2000))
        #expect(
            monitor.found(0, pid: 99) == "n1 pid 99 runs already, started by someone else")
        #expect(monitor.dead.isEmpty)
        _ = monitor.received("leader n1 2", from: 0, at: at(2500))
        #expect(monitor.livingLeader == 0)
        _ = monitor.ended(1, .signal(.kill), lastLogLine: nil, at: at(2600))
        #expect(monitor.majorityChange() == nil)
        #expect(
            monitor.foreignEnded(0, at: at(3000))
                == "n1 (pid 99), started by someone else, has ended")
        #expect(monitor.foreignEnded(0, at: at(3000)) == nil)
        #expect(monitor.livingLeader == nil)
        #expect(monitor.dead == [1, 0])
        #expect(monitor.hasKilledNodes)
        #expect(
            monitor.majorityChange()
                == "no majority: 1 of 3 nodes answers (n1, n2 do not); 2 are needed")
    }

    @Test func `the cluster ends as the first of its dead`() throws {
        var monitor = try monitor()
        _ = monitor.ended(1, .code(78), lastLogLine: nil, at: at(1020))
        _ = monitor.ended(0, .code(71), lastLogLine: nil, at: at(1021))
        #expect(monitor.verdict == nil)
        _ = monitor.ended(2, .signal(.kill), lastLogLine: nil, at: at(1022))
        #expect(monitor.verdict == .configuration)
        #expect(monitor.hasKilledNodes)
        _ = monitor.started(1, pid: 1)
        #expect(monitor.verdict == nil)
        _ = monitor.ended(1, .signal(.terminate), lastLogLine: nil, at: at(1023))
        #expect(monitor.verdict == .addressUnavailable)
    }
}

/// Lines out of pieces.
struct LineBufferTests {
    @Test func `lines come whole, whatever the pieces`() {
        var buffer = LineBuffer()
        #expect(buffer.lines(after: "leader n1".utf8).isEmpty)
        #expect(buffer.lines(after: " 1\nready\nle".utf8) == ["leader n1 1", "ready"])
        #expect(buffer.lines(after: "ader\n".utf8) == ["leader"])
    }

    @Test func `a line without end takes no memory without end`() {
        var buffer = LineBuffer()
        for _ in 0..<100 {
            #expect(buffer.lines(after: "0123456789abcdef".utf8.lazy.map { $0 }).isEmpty)
        }
        for _ in 0..<100 { _ = buffer.lines(after: [UInt8](repeating: 120, count: 100)) }
        #expect(buffer.lines(after: "\n".utf8).map(\.utf8.count) == [1024])
    }
}
