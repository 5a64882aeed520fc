import Calculator
import Primitives
import Raft
import Replica

typealias CalculatorEngine = Engine<Calculator>

/// The entry of a guarded command.
func envelope(_ command: Calculator.Command, _ writeGuard: WriteGuard, term: UInt64 = 1) -> Entry {
    var payload: [UInt8] = []
    Envelope.append(writeGuard, to: &payload) { command.append(to: &$0) }
    return Entry(term: Term(term), kind: .envelope, payload: payload)
}

/// The guard of that key.
func key(_ text: String, first: UInt64? = nil, condition: [UInt64]? = nil) -> WriteGuard {
    WriteGuard(key: Array(text.utf8), firstIndex: first, condition: condition)
}

func log(_ entries: [Entry]) -> EntryLog {
    var log = EntryLog()
    for entry in entries {
        log.append(
            term: entry.term, kind: entry.kind, payload: entry.payload.indices, of: entry.payload)
    }
    return log
}

/// An engine of few keys that has applied those entries, and what came of each.
func applied(_ entries: [Entry], keys capacity: Int = 8) -> (
    CalculatorEngine, [CalculatorEngine.Result?]
) {
    var engine = CalculatorEngine(keys: capacity)
    let log = log(entries)
    var results: [CalculatorEngine.Result?] = []
    for index in 1...UInt64(entries.count) {
        results.append(engine.apply(through: LogIndex(index), of: log))
    }
    return (engine, results)
}

/// The result of a command that its machine has decided about.
func result(
    _ outcome: Calculator.Outcome, _ index: UInt64, term: UInt64 = 1,
    _ verdict: CalculatorEngine.Verdict = .carriedOut, isReplay: Bool = false
) -> CalculatorEngine.Result {
    CalculatorEngine.Result(
        outcome: outcome, verdict: verdict, entry: entry(index, term: term), isReplay: isReplay)
}

/// The result of a command that its key kept from being looked at.
func refused(_ verdict: CalculatorEngine.Verdict, _ index: UInt64, term: UInt64 = 1)
    -> CalculatorEngine.Result
{
    CalculatorEngine.Result(
        outcome: nil, verdict: verdict, entry: entry(index, term: term), isReplay: false)
}

/// A log of all kinds of entries, with keys from a small pool that come again.
func randomEntries(_ count: Int, from random: inout RandomSource) -> [Entry] {
    var entries: [Entry] = []
    var term: UInt64 = 1
    for _ in 0..<count {
        if random.chance(1, in: 40) { term += 1 }
        let operand = random.chance(1, in: 6) ? Int64.max : Int64(random.below(3))
        let small: Calculator.Command = random.chance(1, in: 2) ? .set(operand) : .add(operand)
        switch random.below(10) {
        case 0: entries.append(noOperation(term: term))
        case 1:
            entries.append(
                Entry(
                    term: Term(term), kind: .featureLevel, payload: FeatureLevel.current.payload))
        case 2, 3: entries.append(command(small, term: term))
        default:
            var writeGuard = WriteGuard(
                key: Array("k\(random.below(16))".utf8),
                firstIndex: random.chance(1, in: 3) ? nil : UInt64(random.below(entries.count + 1)))
            if random.chance(1, in: 4) {
                writeGuard.condition = [0, UInt64(random.below(entries.count + 1))]
                if random.chance(1, in: 3) { writeGuard.key = [] }
            }
            entries.append(envelope(small, writeGuard, term: term))
        }
    }
    return entries
}
