import Posix
import Primitives
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite struct ChildProcessTests {
    private func shell(
        _ script: String, input: ChildProcess.Stream = .null, output: ChildProcess.Stream = .null
    ) throws -> ChildProcess {
        try ChildProcess.spawn(
            executable: "/bin/sh", arguments: ["-c", script], input: input, output: output)
    }

    /// What a script prints, and how it ends.
    private func output(of script: String) throws -> (String, ChildProcess.Exit) {
        var pipe = try Pipe(childsEnd: .writing)
        let child = try shell(script, output: .descriptor(pipe.writingEnd))
        pipe.closeWritingEnd()
        var loop = try Loop(.best)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        reading: while true {
            switch try ByteStream.read(pipe.readingEnd, into: &buffer, at: 0) {
            case .bytes(let count): text += buffer[..<count]
            case .end: break reading
            case .wouldBlock: try loop.untilReadable(pipe.readingEnd)
            }
        }
        return (String(decoding: text, as: UTF8.self), try child.wait())
    }

    @Test func exitCodes() throws {
        for code: Int32 in [0, 3, 74, 255] {
            let child = try shell("exit \(code)")
            #expect(try child.wait() == .code(code))
            #expect(try child.poll() == .code(code))
            #expect(throws: Errno.noSuchProcess) { try child.send(.kill) }
        }
    }

    @Test func aProgramThatIsNotThere() {
        #expect(throws: Errno.noSuchFile) {
            _ = try ChildProcess.spawn(executable: "/no/such/program", arguments: [])
        }
    }

    @Test func signalsReachAChild() throws {
        for signal: Signal in [.kill, .terminate, .hangup] {
            // It waits for an end of its input that does not come.
            let pipe = try Pipe(childsEnd: .reading)
            let child = try shell("read line", input: .descriptor(pipe.readingEnd))
            #expect(try child.poll() == nil)
            try child.send(signal)
            #expect(try child.wait() == .signal(signal))
        }
    }

    @Test func aChildSeesItsParentsEndOfAPipe() throws {
        var pipe = try Pipe(childsEnd: .reading)
        let child = try shell("cat && exit 7", input: .descriptor(pipe.readingEnd))
        pipe.closeReadingEnd()
        #expect(try child.poll() == nil)
        pipe.closeWritingEnd()
        #expect(try child.wait() == .code(7))
    }

    @Test func argumentsAndStreams() throws {
        let (text, exit) = try output(of: "printf '%s|' 'a b' ''; exit 5")
        #expect(text == "a b||")
        #expect(exit == .code(5))
    }

    #if os(Linux)
        @Test func onlyTheStandardDescriptorsAreInherited() throws {
            let pipe = try Pipe()
            let directory = try TemporaryDirectory()
            let file = try File(directory.path + "/open", .createNew)
            // The shell's ls has one more of its own, for the listing.
            let (text, _) = try output(of: "ls /proc/self/fd")
            #expect(text == "0\n1\n2\n3\n")
            #expect(try file.size() == 0 && pipe.readingEnd > 2)
        }

        @Test func signalsAreBackAtTheirDefaults() throws {
            ignoreBrokenPipes()
            let (text, _) = try output(of: "grep -E '^Sig(Blk|Ign)' /proc/self/status")
            let masks = text.split(separator: "\n").map { $0.split(separator: "\t")[1] }
            #expect(masks.count == 2)
            #expect(masks.first.map { UInt64($0, radix: 16) } == 0)
            // SIGPIPE is number 13, bit 12.
            let ignored = try #require(masks.last.flatMap { UInt64($0, radix: 16) })
            #expect(ignored & 1 << 12 == 0)
        }

        @Test func aChildStaysInTheSessionAndGroup() throws {
            func group(_ stat: String) throws -> [Substring] {
                // After the name in parentheses: state, parent, group, session.
                let end = try #require(stat.lastIndex(of: ")"))
                return Array(stat[end...].split(separator: " ")[3...4])
            }
            let own = try FileSystem.contents(of: "/proc/self/stat", limit: 4096)
            let (text, _) = try output(of: "cat /proc/self/stat")
            #expect(try group(text) == group(String(decoding: own, as: UTF8.self)))
        }
    #endif
}

@Suite struct CurrentProcessTests {
    @Test func theRunningProgramIsFound() throws {
        let path = try #require(CurrentProcess.executablePath)
        #expect(path.hasPrefix("/"))
        #expect(try FileSystem.exists(path))
    }

    @Test func theLimitOfOpenFilesIsAtItsBound() async {
        await #expect(processExitsWith: .success) {
            let raised = try CurrentProcess.raiseOpenFileLimit()
            guard raised >= 64, try CurrentProcess.raiseOpenFileLimit() == raised else {
                throw Errno.notSupported
            }
        }
    }

    @Test func aFileIsNoTerminal() throws {
        let pipe = try Pipe()
        #expect(!isTerminal(pipe.readingEnd))
    }

    @Test func entropyAndClocks() {
        #expect(Set((0..<100).map { _ in Entropy.uint64() }).count == 100)
        let before = MonotonicClock.now()
        #expect(MonotonicClock.now() >= before)
        // This test was written after 2026-01-01.
        #expect(WallClock.secondsSince1970() > 1_767_225_600)
        #expect(WallClock.millisecondsSince1970() / 1000 >= WallClock.secondsSince1970() - 1)
    }

    @Test func errorsHaveTheSystemsText() {
        #expect(Errno.connectionRefused.description == "Connection refused")
        #expect(Errno(rawValue: 99_999).description.contains("99999"))
    }

    @Test func aDescriptorIsClosedByItsOwnerAlone() throws {
        var pipe = try Pipe()
        let number = FileDescriptor(adopting: dup(pipe.writingEnd)).release()
        pipe.closeWritingEnd()
        // The copy was given away, not closed: there is a writer still.
        var byte: [UInt8] = [0]
        #expect(try ByteStream.read(pipe.readingEnd, into: &byte, at: 0) == .wouldBlock)
        do { _ = FileDescriptor(adopting: number) }
        // A child that another test is just starting has a copy until it runs its program.
        var loop = try Loop(.best)
        let token = PollToken(slot: 0, generation: 0)
        try loop.poller.register(pipe.readingEnd, token: token, interest: .readable)
        #expect(try loop.next() == [PollEvent(token: token, hangup: true)])
        #expect(try ByteStream.read(pipe.readingEnd, into: &byte, at: 0) == .end)
    }
}
