import Posix
import Primitives
import Testing

@testable import tally

/// What `tally cluster` prints, as a story without processes.
struct ClusterStoryTests {
    private func at(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    /// Three nodes that have been started at 1000 ms.
    private func story() throws -> ClusterStory {
        let parts = try ["n1", "n2", "n3"].map { name in
            ClusterStory.Part(
                id: try #require(NodeID(name)), url: "http://127.0.0.1:800\(name.dropFirst())",
                log: "d/\(name).log")
        }
        var story = ClusterStory(parts, begin: at(1000))
        for node in 0..<3 { _ = story.started(node, pid: Int32(4711 + node)) }
        return story
    }

    @Test func `a start is a line`() throws {
        var story = try story()
        #expect(story.started(1, pid: 99) == "n2 pid 99 http://127.0.0.1:8002")
    }

    @Test func `the first leader counts from the start`() throws {
        var story = try story()
        #expect(story.heard("ready", from: 0, at: at(1010)) == nil)
        #expect(
            story.heard("leader n1 1", from: 0, at: at(1210)) == "leader n1 term 1 after 210 ms")
        #expect(story.livingLeader == 0)
    }

    @Test func `a killed leader is followed by another`() throws {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        story.lost(0, at: at(5000))
        #expect(story.livingLeader == nil)
        #expect(
            story.ended(0, .signal(.kill), lastWords: nil, at: at(5002))
                == ["n1 (pid 4711) was killed by signal 9"])
        #expect(
            story.heard("leader n2 2", from: 1, at: at(5012))
                == "leader n2 term 2, 12 ms after n1 was lost")
        #expect(story.livingLeader == 1)
        #expect(story.verdict == nil)
    }

    @Test func `a leader that lives on has led before`() throws {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        #expect(
            story.heard("leader n3 4", from: 2, at: at(9000))
                == "leader n3 term 4, n1 led before")
        // It ends later, and nobody counts from there.
        _ = story.ended(0, .code(0), lastWords: nil, at: at(9500))
        #expect(
            story.heard("leader n2 5", from: 1, at: at(9900)) == "leader n2 term 5, n3 led before")
    }

    @Test func `a follower's end moves nobody's count`() throws {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        _ = story.ended(2, .signal(.kill), lastWords: nil, at: at(2000))
        _ = story.ended(0, .signal(.kill), lastWords: nil, at: at(3000))
        #expect(story.started(2, pid: 5000) == "n3 pid 5000 http://127.0.0.1:8003")
        #expect(
            story.heard("leader n3 2", from: 2, at: at(3100))
                == "majority back; leader n3 after 100 ms")
    }

    @Test func `news of a term that is over, and noise, say nothing`() throws {
        var story = try story()
        _ = story.heard("leader n2 7", from: 1, at: at(1300))
        for line in ["leader n1 7", "leader n1 6", "leader n1 x", "leader n1", "leader n2 9", ""] {
            #expect(story.heard(line, from: 0, at: at(1400)) == nil)
        }
        #expect(story.livingLeader == 1)
    }

    @Test func `a leader whose line is read after its end is counted from there`() throws {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        _ = story.ended(0, .signal(.kill), lastWords: nil, at: at(2000))
        story.lost(1, at: at(2030))
        #expect(
            story.heard("leader n2 2", from: 1, at: at(2031))
                == "leader n2 term 2, 31 ms after n1 was lost")
        #expect(story.livingLeader == nil)
        #expect(
            story.heard("leader n3 3", from: 2, at: at(2050))
                == "leader n3 term 3, 20 ms after n2 was lost")
    }

    @Test func `a node that ends by itself has its last words told`() throws {
        var story = try story()
        #expect(
            story.ended(1, .code(71), lastWords: "127.0.0.1:8002 is taken", at: at(1020))
                == [
                    "n2 (pid 4712) ended with exit code 71; see d/n2.log",
                    "  127.0.0.1:8002 is taken",
                ])
        #expect(story.ended(1, .code(71), lastWords: nil, at: at(1021)).isEmpty)
        #expect(story.dead == [1])
        #expect(!story.hasVictims)
    }

    @Test func `a lost majority is one sentence, and its return another`() throws {
        var story = try story()
        #expect(story.majorityNews() == nil)
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        _ = story.ended(0, .signal(.kill), lastWords: nil, at: at(3000))
        #expect(story.majorityNews() == nil)
        _ = story.heard("leader n2 2", from: 1, at: at(3012))
        _ = story.ended(1, .signal(.kill), lastWords: nil, at: at(4000))
        #expect(
            story.majorityNews()
                == "no majority: 1 of 3 nodes answers (n1, n2 do not); 2 are needed")
        #expect(story.majorityNews() == nil)
        _ = story.started(0, pid: 5000)
        #expect(story.majorityNews() == nil)
        // Its leader is dead: the next one will say so.
        #expect(!story.mayBeBack)
        #expect(
            story.heard("leader n3 4", from: 2, at: at(6500))
                == "majority back; leader n3 after 2500 ms")
        _ = story.ended(2, .signal(.kill), lastWords: nil, at: at(7000))
        #expect(
            story.heard("leader n1 5", from: 0, at: at(7012))
                == "leader n1 term 5, 12 ms after n3 was lost")
    }

    @Test func `a leader that outlived the loss of the majority need not be elected again`() throws
    {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        _ = story.ended(1, .signal(.kill), lastWords: nil, at: at(2000))
        _ = story.ended(2, .signal(.kill), lastWords: nil, at: at(2001))
        #expect(story.majorityBack(at: at(2002)) == nil)
        #expect(!story.mayBeBack)
        _ = story.started(2, pid: 5000)
        #expect(story.mayBeBack)
        #expect(story.majorityBack(at: at(2101)) == "majority back; leader n1 after 100 ms")
        #expect(!story.mayBeBack)
        #expect(story.majorityBack(at: at(2102)) == nil)
    }

    @Test func `a node that somebody else runs is there`() throws {
        var story = try story()
        _ = story.heard("leader n1 1", from: 0, at: at(1210))
        _ = story.ended(0, .signal(.kill), lastWords: nil, at: at(2000))
        #expect(
            story.found(0, pid: 99) == "n1 pid 99 runs already, started by someone else")
        #expect(story.dead.isEmpty)
        _ = story.heard("leader n1 2", from: 0, at: at(2500))
        #expect(story.livingLeader == 0)
        _ = story.ended(1, .signal(.kill), lastWords: nil, at: at(2600))
        #expect(story.majorityNews() == nil)
        #expect(
            story.foreignEnded(0, at: at(3000))
                == "n1 (pid 99), started by someone else, has ended")
        #expect(story.foreignEnded(0, at: at(3000)) == nil)
        #expect(story.livingLeader == nil)
        #expect(story.dead == [1, 0])
        #expect(story.hasVictims)
        #expect(
            story.majorityNews()
                == "no majority: 1 of 3 nodes answers (n1, n2 do not); 2 are needed")
    }

    @Test func `the cluster ends as the first of its dead`() throws {
        var story = try story()
        _ = story.ended(1, .code(78), lastWords: nil, at: at(1020))
        _ = story.ended(0, .code(71), lastWords: nil, at: at(1021))
        #expect(story.verdict == nil)
        _ = story.ended(2, .signal(.kill), lastWords: nil, at: at(1022))
        #expect(story.verdict == .configuration)
        #expect(story.hasVictims)
        _ = story.started(1, pid: 1)
        #expect(story.verdict == nil)
        _ = story.ended(1, .signal(.terminate), lastWords: nil, at: at(1023))
        #expect(story.verdict == .addressUnavailable)
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
