import Posix
import Primitives
import Testing

@Suite struct BackgroundTaskTests {
    @Test func workIsDoneBeside() throws {
        let task = BackgroundTask()
        var loop = try Loop(.best)
        let done = try Wakeup()
        #expect(!task.isRunning)
        try task.start { done.signal() }
        try loop.untilReadable(done.descriptor)
        while task.isRunning { _ = try loop.present() }
        done.drain()
        try task.start { done.signal() }
        try loop.untilReadable(done.descriptor)
    }
}

@Suite struct WorkerThreadTests {
    /// What can't be copied, and says when it is gone.
    private struct Token: ~Copyable, Sendable {
        let number: Int
        let gone: Wakeup

        init(_ number: Int, _ gone: Wakeup) {
            self.number = number
            self.gone = gone
        }

        deinit { gone.signal() }
    }

    @Test(arguments: Poller.Kind.allCases)
    func requestsAreDoneOneAfterTheOther(_ kind: Poller.Kind) throws {
        let worker = try WorkerThread<Int, Int> { $0 * 2 }
        var loop = try Loop(kind)
        #expect(worker.takeCompletion() == nil)
        for number in 1...1_000 {
            worker.submit(number)
            try loop.untilReadable(worker.descriptor)
            #expect(worker.takeCompletion() == number * 2)
            #expect(worker.takeCompletion() == nil)
        }
        #expect(try loop.present().isEmpty)
    }

    /// Whoever asks without waiting for the descriptor gets the completion once, and is woken at most
    /// once for nothing.
    @Test func aCompletionIsTakenOnce() throws {
        let worker = try WorkerThread<Int, Int> { $0 + 1 }
        for number in 1...1_000 {
            worker.submit(number)
            var completion: Int?
            while completion == nil { completion = worker.takeCompletion() }
            #expect(completion == number + 1)
            #expect(worker.takeCompletion() == nil)
        }
    }

    @Test func whatIsHandedOverIsMoved() throws {
        let gone = try Wakeup()
        var loop = try Loop(.best)
        let worker = try WorkerThread<Token, Token> { request in
            Token(request.number + 1, request.gone)
        }
        worker.submit(Token(1, gone))
        try loop.untilReadable(worker.descriptor)
        try loop.untilReadable(gone.descriptor)
        gone.drain()
        do {
            guard let completion = worker.takeCompletion() else {
                Issue.record("no completion")
                return
            }
            let number = completion.number
            #expect(number == 2)
            #expect(try loop.present().isEmpty)
        }
        try loop.untilReadable(gone.descriptor)
    }

    /// Lives as long as the thread keeps the work.
    private final class Tied: Sendable {
        let ended: Wakeup

        init(_ ended: Wakeup) { self.ended = ended }

        deinit { ended.signal() }

        func work(_ request: Int) -> Int { request }
    }

    @Test(arguments: [false, true])
    func theThreadEndsWithItsObject(_ wasUsed: Bool) throws {
        let ended = try Wakeup()
        var loop = try Loop(.best)
        do {
            let tied = Tied(ended)
            let worker = try WorkerThread<Int, Int> { tied.work($0) }
            if wasUsed {
                worker.submit(7)
                try loop.untilReadable(worker.descriptor)
                #expect(worker.takeCompletion() == 7)
            }
        }
        try loop.untilReadable(ended.descriptor)
    }

    /// Letting go does not wait: a disk may hang for ever.
    @Test func workThatHangsOutlivesItsObject() throws {
        let (started, ended, completionGone) = (try Wakeup(), try Wakeup(), try Wakeup())
        let isOpen = try Pipe()
        var loop = try Loop(.best)
        let waitingEnd = isOpen.readingEnd
        do {
            let tied = Tied(ended)
            let worker = try WorkerThread<Int, Token> { number in
                started.signal()
                guard let poller = try? Poller(kind: .poll) else { return Token(0, completionGone) }
                var events: [PollEvent] = []
                try? poller.register(
                    waitingEnd, token: PollToken(slot: 0, generation: 0), interest: .readable)
                while events.isEmpty { try? poller.wait(until: .never, into: &events) }
                return Token(tied.work(number), completionGone)
            }
            worker.submit(1)
            try loop.untilReadable(started.descriptor)
        }
        _ = try ByteStream.write(isOpen.writingEnd, [1], 0..<1)
        try loop.untilReadable(completionGone.descriptor)
        try loop.untilReadable(ended.descriptor)
    }
}
