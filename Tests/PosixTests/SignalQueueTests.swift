import Posix
import Primitives
import Testing

/// Each in a process of its own: signals and what is done about them belong to a whole process.
@Suite struct SignalQueueTests {
    @Test func signalsAreReadInALoop() async {
        await #expect(processExitsWith: .success) {
            for kind in Poller.Kind.allCases { try SignalQueueTests.readSignals(kind) }
        }
    }

    private static func readSignals(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let queue = try SignalQueue.install()
        #expect(queue.next() == nil)
        for signal: Signal in [.terminate, .interrupt, .hangup] {
            let script = "kill -\(signal.rawValue) \(CurrentProcess.pid)"
            let child = try ChildProcess.spawn(
                executable: "/bin/sh", arguments: ["-c", script])
            try loop.untilReadable(queue.descriptor)
            #expect(queue.next() == signal)
            #expect(queue.next() == nil)
            #expect(try child.wait() == .code(0))
        }
    }

    @Test func theEndOfAChildIsASignal() async {
        await #expect(processExitsWith: .success) {
            var loop = try Loop(.best)
            let queue = try SignalQueue.install([.childEnded])
            let child = try ChildProcess.spawn(
                executable: "/bin/sh", arguments: ["-c", "exit 4"])
            try loop.untilReadable(queue.descriptor)
            #expect(queue.next() == .childEnded)
            #expect(try child.poll() == .code(4))
        }
    }

    @Test func aBrokenPipeIsAnError() async {
        await #expect(processExitsWith: .success) { try SignalQueueTests.writeToNobody() }
    }

    private static func writeToNobody() throws {
        _ = try SignalQueue.install()
        var pipe = try Pipe()
        pipe.closeReadingEnd()
        #expect(throws: Errno.brokenPipe) {
            _ = try ByteStream.write(pipe.writingEnd, [1], 0..<1)
        }
    }
}
