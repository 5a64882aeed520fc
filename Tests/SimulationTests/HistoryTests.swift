import Primitives
import Raft
import Testing

@testable import Simulation

/// The check of histories, on histories known to be good and bad.
struct HistoryTests {
    /// A history and the log that goes with it.
    private struct Book {
        var history = History()
        var committed: CommittedLog
        private var log = LogShadow()

        init(keys capacity: Int = 8) { committed = CommittedLog(keys: capacity) }

        mutating func ask(_ request: ClientRequest) -> Int {
            history.ask(request, of: 0, life: 1, at: .origin)
        }

        /// Commits the operation's command; returns what is broken.
        mutating func commit(_ number: Int) -> String? {
            log.append(Term(1), history[number].request.payload ?? .nothing)
            committed.append(log.entries[log.entries.count - 1], knownIn: Term(1))
            return history.follow(committed)
        }

        /// A leader puts the operation's command behind what is committed; returns where.
        mutating func propose(_ number: Int) -> LogIndex {
            var leaders = log
            leaders.append(Term(1), history[number].request.payload ?? .nothing)
            history.noteProposals(in: leaders, from: leaders.lastIndex)
            return leaders.lastIndex
        }

        mutating func answer(_ number: Int, _ answer: ClientAnswer) -> String? {
            history.answer(number, answer, committed: committed)
        }

        /// The right receipt at an index, but for the value where one is given.
        func receipt(_ index: UInt64, value: Int64? = nil) -> ClientAnswer.Receipt {
            let index = LogIndex(index)
            let state = committed.state(at: index)
            return ClientAnswer.Receipt(
                value: value ?? state.value,
                entry: EntryID(index: index, term: index == .zero ? .zero : Term(1)),
                lastChange: state.lastChange)
        }
    }

    @Test func `a good history`() {
        var book = Book()
        let set = book.ask(.write(.set(1)))
        let add = book.ask(.write(.add(2)))
        let read = book.ask(.read)
        #expect(book.commit(set) == nil)
        #expect(book.answer(set, .value(book.receipt(1))) == nil)
        #expect(book.commit(add) == nil)
        #expect(book.answer(read, .value(book.receipt(1))) == nil)
        #expect(book.answer(add, .value(book.receipt(2))) == nil)
        #expect(book.history.acknowledged == 3)
    }

    @Test func `a read older than what was acknowledged before it`() {
        var book = Book()
        let set = book.ask(.write(.set(1)))
        #expect(book.commit(set) == nil)
        #expect(book.answer(set, .value(book.receipt(1))) == nil)
        let stale = book.ask(.staleRead)
        #expect(book.answer(stale, .value(book.receipt(0))) == nil)
        let read = book.ask(.read)
        #expect(book.answer(read, .value(book.receipt(0))) != nil)
    }

    @Test func `a read older than what another read saw`() {
        var book = Book()
        let set = book.ask(.write(.set(1)))
        let first = book.ask(.read)
        #expect(book.commit(set) == nil)
        #expect(book.answer(first, .value(book.receipt(1))) == nil)
        let second = book.ask(.read)
        #expect(book.answer(second, .value(book.receipt(0))) != nil)
    }

    @Test func `a value that the log does not give`() {
        var book = Book()
        let set = book.ask(.write(.set(1)))
        #expect(book.commit(set) == nil)
        #expect(book.answer(set, .value(book.receipt(1, value: 9))) != nil)
    }

    @Test func `an answer from what is not committed`() {
        var book = Book()
        let read = book.ask(.read)
        var receipt = book.receipt(0)
        receipt.entry = EntryID(index: LogIndex(4), term: Term(1))
        #expect(book.answer(read, .value(receipt)) != nil)
    }

    @Test func `two writes acknowledged with one entry`() {
        var book = Book()
        let one = book.ask(.write(.set(1)))
        let two = book.ask(.write(.set(2)))
        #expect(book.commit(one) == nil)
        #expect(book.answer(one, .value(book.receipt(1))) == nil)
        #expect(book.answer(two, .value(book.receipt(1))) != nil)
    }

    @Test func `a write ordered before one acknowledged earlier`() {
        var book = Book()
        let one = book.ask(.write(.set(1)))
        #expect(book.commit(one) == nil)
        #expect(book.answer(one, .value(book.receipt(1))) == nil)
        let two = book.ask(.write(.set(2)))
        #expect(book.commit(two) == nil)
        #expect(book.answer(two, .value(book.receipt(2))) == nil)

        var other = Book()
        let late = other.ask(.write(.set(1)))
        let read = other.ask(.read)
        #expect(other.commit(late) == nil)
        #expect(other.answer(read, .value(other.receipt(1))) == nil)
        // It was asked before anything was acknowledged, so its place is good.
        #expect(other.answer(late, .value(other.receipt(1))) == nil)
    }

    @Test func `a write applied twice`() {
        var book = Book()
        let add = book.ask(.write(.add(1)))
        #expect(book.commit(add) == nil)
        #expect(book.commit(add) != nil)
    }

    @Test func `a write refused and applied, in either order`() {
        var book = Book()
        let first = book.ask(.write(.set(1)))
        #expect(book.answer(first, .other(.unavailable(.noLeader))) == nil)
        #expect(book.commit(first) != nil)
        let second = book.ask(.write(.set(2)))
        #expect(book.commit(second) == nil)
        #expect(book.answer(second, .other(.unavailable(.noLeader))) != nil)
    }

    @Test func `a write superseded before another one is committed in its place`() {
        var book = Book()
        let early = book.ask(.write(.set(1)))
        #expect(book.propose(early) == LogIndex(1))
        #expect(book.answer(early, .other(.unavailable(.superseded))) != nil)
        let late = book.ask(.write(.set(2)))
        let other = book.ask(.write(.set(3)))
        #expect(book.propose(late) == LogIndex(1))
        #expect(book.commit(other) == nil)
        #expect(book.answer(late, .other(.unavailable(.superseded))) == nil)
        let unheard = book.ask(.write(.set(4)))
        #expect(book.answer(unheard, .other(.unavailable(.superseded))) != nil)
    }

    @Test func `a write whose outcome is unknown may be applied`() {
        var book = Book()
        let set = book.ask(.write(.set(1)))
        #expect(book.answer(set, .other(.unknownOutcome)) == nil)
        #expect(book.commit(set) == nil)
    }

    @Test func `an overflow told for a sum that fits`() {
        var book = Book()
        let set = book.ask(.write(Operation.set(1, isExtreme: true)))
        let small = book.ask(.write(Operation.add(2, isNegative: true)))
        let large = book.ask(.write(Operation.add(3, isNegative: false)))
        #expect(book.commit(set) == nil)
        #expect(book.commit(small) == nil)
        #expect(book.answer(small, .overflow(book.receipt(2))) != nil)
        #expect(book.commit(large) == nil)
        #expect(book.committed[LogIndex(3)].decision.verdict == .changed)
    }

    @Test func `an operation is answered twice`() {
        var book = Book()
        let read = book.ask(.read)
        #expect(book.answer(read, .value(book.receipt(0))) == nil)
        #expect(book.answer(read, .value(book.receipt(0))) != nil)
    }
}
