import Calculator
import Primitives
import Raft
import Replica
import Testing

/// What the engine makes of keys and conditions.
struct GuardedWriteTests {
    @Test func aKeyIsCarriedOutOnceAndItsFirstOutcomeComesAgain() {
        let (engine, results) = applied([
            envelope(.add(5), key("a", first: 0)), command(.add(1), term: 1),
            envelope(.add(5), key("a", first: 0), term: 2), envelope(.add(5), key("a"), term: 3),
            envelope(.add(5), key("b"), term: 3),
        ])
        let first = Calculator.Outcome.changed(value: 5, index: 1)
        #expect(results[0] == result(first, 1))
        // The first index is not part of a command's identity.
        for replay in results[2...3] { #expect(replay == result(first, 1, isReplay: true)) }
        #expect(results[4] == result(.changed(value: 11, index: 5), 5, term: 3))
        #expect(engine.machine.value == 11 && engine.keyCount == 2)
    }

    @Test func anotherCommandUnderAKeyIsRefusedAndTheFirstOneStays() {
        let (engine, results) = applied([
            envelope(.add(5), key("a")), envelope(.add(6), key("a")), envelope(.set(5), key("a")),
            envelope(.add(5), key("a", condition: [1])), envelope(.add(5), key("a", condition: [])),
            envelope(.add(5), key("a")),
        ])
        for position in 1...4 {
            #expect(results[position] == refused(.keyReused, UInt64(position + 1)))
        }
        #expect(results[5] == result(.changed(value: 5, index: 1), 1, isReplay: true))
        #expect(engine.machine.value == 5 && engine.keyCount == 1)
    }

    @Test func aConditionNamesTheLastChange() {
        let (engine, results) = applied([
            envelope(.set(5), WriteGuard(condition: [0])), noOperation(term: 2),
            envelope(.set(6), WriteGuard(condition: [0, 2, 3]), term: 2),
            envelope(.set(7), WriteGuard(condition: [9, 1]), term: 2),
            envelope(.set(8), WriteGuard(condition: []), term: 2),
            envelope(.set(9), WriteGuard(condition: [4]), term: 2),
        ])
        #expect(results[0] == result(.changed(value: 5, index: 1), 1))
        #expect(
            results[2]
                == result(.refused(value: 5, lastChange: 1), 3, term: 2, .conditionFailed))
        #expect(results[3] == result(.changed(value: 7, index: 4), 4, term: 2))
        #expect(
            results[4]
                == result(.refused(value: 7, lastChange: 4), 5, term: 2, .conditionFailed))
        #expect(results[5] == result(.changed(value: 9, index: 6), 6, term: 2))
        #expect(engine.machine.value == 9 && engine.keyCount == 0)
    }

    /// Every first outcome is what is kept: that of a condition that failed, and an overflow.
    @Test func refusalsComeAgainAsTheyWere() {
        let (engine, results) = applied([
            envelope(.set(1), key("a", condition: [7])), command(.set(.max), term: 1),
            envelope(.add(1), key("b")), command(.set(0), term: 1),
            envelope(.set(1), key("a", condition: [7])), envelope(.add(1), key("b")),
        ])
        let failed = Calculator.Outcome.refused(value: 0, lastChange: 0)
        let overflow = Calculator.Outcome.overflow(value: .max, lastChange: 2)
        #expect(results[0] == result(failed, 1, .conditionFailed))
        #expect(results[2] == result(overflow, 3))
        #expect(results[4] == result(failed, 1, .conditionFailed, isReplay: true))
        #expect(results[5] == result(overflow, 3, isReplay: true))
        #expect(engine.machine.value == 0)
    }

    /// Two keys are kept. The one of entry 1 goes when the third comes.
    @Test func anEvictedKeyIsRefusedWhereItsClientHadNotSeenTheNewestEviction() {
        let filled = ["a", "b", "c"].map { envelope(.add(1), key($0)) }
        func last(_ more: Entry) -> CalculatorEngine.Result? {
            applied(filled + [more], keys: 2).1.last ?? nil
        }
        #expect(last(envelope(.add(1), key("a", first: 0))) == refused(.keyExpired, 4))
        #expect(last(envelope(.add(1), key("new", first: 0))) == refused(.keyExpired, 4))
        // Whoever had seen entry 1 before can't have stood there.
        let carriedOut = result(.changed(value: 4, index: 4), 4)
        #expect(last(envelope(.add(1), key("new", first: 1))) == carriedOut)
        #expect(last(envelope(.add(1), key("a"))) == carriedOut, "nothing was said")
        // A key that is known is answered, whatever its client has seen.
        #expect(
            last(envelope(.add(1), key("b", first: 0)))
                == result(.changed(value: 2, index: 2), 2, isReplay: true))
    }

    @Test func anExpiredKeyIsNotRemembered() {
        let filled = ["a", "b", "c"].map { envelope(.add(1), key($0)) }
        let again = envelope(.add(1), key("a", first: 0))
        let (engine, results) = applied(filled + [again, again], keys: 2)
        #expect(results[3...] == [refused(.keyExpired, 4), refused(.keyExpired, 5)])
        #expect(engine.machine.value == 3)
    }

    @Test func theLevelRisesAndNeverFalls() {
        func level(_ number: UInt16) -> Entry {
            Entry(term: Term(1), kind: .featureLevel, payload: FeatureLevel(number).payload)
        }
        let (engine, results) = applied([level(2), level(1)])
        #expect(results == [nil, nil])
        #expect(engine.level == FeatureLevel(2) && engine.applied == entry(2, term: 1))
    }

    /// Against a model that remembers whole commands in an array.
    @Test(arguments: 1...20)
    func theEngineAgreesWithAPlainModel(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        let capacity = 3 + random.below(12)
        let entries = randomEntries(500, from: &random)
        var model = PlainEngine(capacity: capacity)
        let (engine, results) = applied(entries, keys: capacity)
        for (offset, entry) in entries.enumerated() {
            let expected = model.apply(
                entry, at: EntryID(index: LogIndex(UInt64(offset + 1)), term: entry.term))
            #expect(results[offset] == expected, "entry \(offset + 1)")
        }
        #expect(engine.machine.value == model.calculator.value)
        #expect(engine.keyCount == model.rows.count)
        for verdict in [CalculatorEngine.Verdict.carriedOut, .conditionFailed, .keyReused] {
            #expect(results.contains { $0?.verdict == verdict })
        }
        #expect(results.contains { $0?.isReplay == true })
    }
}

/// An engine that a reader believes at once.
private struct PlainEngine {
    struct Row {
        var key: [UInt8]
        var command: [UInt8]
        var condition: [UInt64]?
        var result: CalculatorEngine.Result
    }

    let capacity: Int
    var calculator = Calculator()
    var rows: [Row] = []
    var evicted: UInt64 = 0

    mutating func apply(_ entry: Entry, at id: EntryID) -> CalculatorEngine.Result? {
        let index = id.index.number
        if entry.kind == .command { return carryOut(entry.payload, condition: nil, at: id) }
        guard entry.kind == .envelope,
            let envelope = Envelope(entry.payload, entry.payload.indices)
        else { return nil }
        let key = Array(entry.payload[envelope.key])
        let command = Array(entry.payload[envelope.command])
        let condition = envelope.condition
        if key.isEmpty { return carryOut(command, condition: condition, at: id) }
        if let row = rows.first(where: { $0.key == key }) {
            guard row.command == command, row.condition == condition else {
                return refused(.keyReused, index, term: id.term.number)
            }
            var result = row.result
            result.isReplay = true
            return result
        }
        if let first = envelope.firstIndex, first < evicted {
            return refused(.keyExpired, index, term: id.term.number)
        }
        let result = carryOut(command, condition: condition, at: id)
        rows.append(Row(key: key, command: command, condition: condition, result: result))
        if rows.count > capacity { evicted = rows.removeFirst().result.entry.index.number }
        return result
    }

    private mutating func carryOut(_ command: [UInt8], condition: [UInt64]?, at id: EntryID)
        -> CalculatorEngine.Result
    {
        let (index, term) = (id.index.number, id.term.number)
        if let condition, !condition.contains(calculator.lastChange) {
            return result(calculator.refusal(), index, term: term, .conditionFailed)
        }
        return result(
            calculator.apply(command, command.indices, at: index), index, term: term)
    }
}
