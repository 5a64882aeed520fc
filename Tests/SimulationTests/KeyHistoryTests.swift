import Calculator
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// The check of histories, on writes under keys.
struct KeyHistoryTests {
    private var history = History()
    private var committed = CommittedLog(keys: 8)
    private var log = LogShadow()

    private static func keyed(
        _ number: Int, key: String = "a", firstIndex: UInt64? = 0, condition: [UInt64]? = nil
    ) -> ClientRequest {
        .guarded(
            .add(Int64(number)),
            WriteGuard(key: Array(key.utf8), firstIndex: firstIndex, condition: condition))
    }

    private mutating func ask(_ request: ClientRequest) -> Int {
        history.ask(request, of: 0, life: 1, at: .origin)
    }

    /// Commits what the operation asks for; returns what is broken.
    private mutating func commit(_ number: Int) -> String? {
        log.append(Term(1), history[number].request.payload ?? .nothing)
        committed.append(log[log.lastIndex], knownIn: Term(1))
        return history.follow(committed)
    }

    private mutating func answer(_ number: Int, _ answer: ClientAnswer) -> String? {
        history.answer(number, answer, committed: committed)
    }

    /// The outcome of `entry`, told at `place`.
    private func receipt(_ entry: UInt64, at place: UInt64) -> ClientAnswer.Receipt {
        let state = committed.state(at: LogIndex(entry))
        return ClientAnswer.Receipt(
            value: state.value, entry: EntryID(index: LogIndex(entry), term: Term(1)),
            lastChange: state.lastChange, place: LogIndex(place))
    }

    @Test mutating func `a write is tried twice and told the same`() {
        let first = ask(Self.keyed(1))
        let other = ask(.write(.add(2)))
        let again = ask(Self.keyed(1))
        #expect(commit(first) == nil)
        #expect(commit(other) == nil)
        #expect(commit(again) == nil)
        #expect(answer(first, .other(.unknownOutcome)) == nil)
        #expect(answer(again, .value(receipt(1, at: 3))) == nil)
    }

    @Test mutating func `a try is told today's value`() {
        let first = ask(Self.keyed(1))
        let other = ask(.write(.add(2)))
        let again = ask(Self.keyed(1))
        for number in [first, other, again] { #expect(commit(number) == nil) }
        var wrong = receipt(1, at: 3)
        wrong.value = 3
        #expect(answer(again, .value(wrong)) != nil)
    }

    @Test mutating func `a try is told that it is carried out once more`() {
        let first = ask(Self.keyed(1))
        let again = ask(Self.keyed(1))
        #expect(commit(first) == nil)
        #expect(commit(again) == nil)
        #expect(answer(first, .value(receipt(1, at: 1))) == nil)
        #expect(answer(again, .value(receipt(2, at: 2))) != nil)
    }

    @Test mutating func `more entries than tries, or than tries that were not refused`() {
        let first = ask(Self.keyed(1))
        #expect(commit(first) == nil)
        #expect(commit(first) != nil)
        var other = Self()
        let refused = other.ask(Self.keyed(1))
        let again = other.ask(Self.keyed(1))
        #expect(other.answer(refused, .other(.unavailable(.noLeader))) == nil)
        #expect(other.commit(again) == nil)
        #expect(other.commit(again) != nil)
    }

    @Test mutating func `a wrong verdict on a condition or a key`() {
        let first = ask(Self.keyed(1, condition: [0]))
        let failing = ask(Self.keyed(2, key: "b", condition: [0]))
        let reused = ask(Self.keyed(3))
        for number in [first, failing, reused] { #expect(commit(number) == nil) }
        #expect(answer(first, .value(receipt(1, at: 1))) == nil)
        #expect(answer(failing, .value(receipt(2, at: 2))) != nil)
        #expect(answer(reused, .keyExpired(LogIndex(3))) != nil)
    }

    @Test mutating func `an outcome from before the first try`() {
        let read = ask(.write(.set(1)))
        #expect(commit(read) == nil)
        let late = ask(Self.keyed(2))
        #expect(commit(late) == nil)
        #expect(answer(read, .value(receipt(1, at: 1))) == nil)
        #expect(answer(late, .value(receipt(1, at: 2))) != nil)
    }
}
