import Calculator
import Primitives
import Raft
import Replica
import Testing

/// An engine that begins with the state of a backup.
@Suite struct RestoredEngineTests {
    private static let last = entry(1 << 32, term: 4)

    private func engine() -> CalculatorEngine {
        CalculatorEngine(
            restoring: Calculator(value: 42, lastChange: Self.last.index.number),
            level: .current, hash: 7, at: Self.last)
    }

    /// A log that goes on behind the backup's state.
    private func log(_ entries: [Entry]) -> EntryLog {
        var log = EntryLog(base: Self.last, level: .current)
        for entry in entries {
            log.append(
                term: entry.term, kind: entry.kind, payload: entry.payload.indices,
                of: entry.payload)
        }
        return log
    }

    @Test func comesBackFromItsBytesAsLongAsItHasFewKeys() throws {
        var engine = engine()
        let log = log([
            envelope(.add(1), key("a"), term: 5), envelope(.add(1), key("b"), term: 5),
        ])
        for index in 0...2 as ClosedRange<UInt64> {
            if index > 0 {
                engine.apply(through: LogIndex(Self.last.index.number + index), of: log)
            }
            let again = try #require(CalculatorEngine(state: engine.encodeState()))
            #expect(again.encodeState() == engine.encodeState())
            #expect(again.machine.value == 42 + Int64(index) && again.hash == engine.hash)
            #expect(again.keyCount == Int(index))
        }
    }

    @Test func writesThatBeganBeforeAreRefusedAndOldTagsMatchNothing() throws {
        var engine = engine()
        let seen = Self.last.index.number
        let log = log([
            envelope(.add(1), key("a", first: seen - 1), term: 5),
            envelope(.add(1), key("a", first: seen), term: 5),
            envelope(.set(1), key("", condition: [7]), term: 5),
            envelope(.set(1), key("", condition: [seen + 2]), term: 5),
        ])
        var verdicts: [CalculatorEngine.Verdict?] = []
        for index in 1...4 as ClosedRange<UInt64> {
            let result = engine.apply(through: LogIndex(seen + index), of: log)
            verdicts.append(result?.verdict)
        }
        #expect(verdicts == [.keyExpired, .carriedOut, .conditionFailed, .carriedOut])
        #expect(engine.machine.value == 1)
    }
}
