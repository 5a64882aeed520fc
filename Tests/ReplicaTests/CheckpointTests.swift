import Calculator
import Primitives
import Raft
import Replica
import Testing
import Wire

/// The hashes that an engine notes.
struct CheckpointTests {
    private static func log(of count: Int, level place: Int) -> EntryLog {
        var log = EntryLog()
        for number in 1...count {
            if number == place {
                let level = FeatureLevel.current.payload
                log.append(
                    term: Term(1), kind: .featureLevel, payload: level.indices, of: level)
            } else {
                let entry = command(.add(Int64(number)), term: 1)
                log.append(
                    term: entry.term, kind: entry.kind, payload: entry.payload.indices,
                    of: entry.payload)
            }
        }
        return log
    }

    @Test func theHashAtEachMultipleIsNotedFromTheSecondLevelOn() {
        let log = Self.log(of: 30, level: 7)
        var engine = Engine<Calculator>(checkpoint: 5)
        var expected: [StateHash] = []
        for index in 1...UInt64(30) {
            engine.apply(through: LogIndex(index), of: log)
            if index % 5 == 0, index > 7 {
                expected.append(StateHash(index: LogIndex(index), hash: engine.hash))
            }
        }
        #expect(engine.takeCheckpoints() == expected)
        #expect(engine.takeCheckpoints() == [])
        // All at once or one by one, it comes to the same.
        var other = Engine<Calculator>(checkpoint: 5)
        other.apply(through: LogIndex(30), of: log)
        #expect(other.takeCheckpoints() == expected)
    }

    @Test func onlyTheNewestAreKeptForTheHost() {
        let log = Self.log(of: 100, level: 1)
        var engine = Engine<Calculator>(checkpoint: 1)
        engine.apply(through: LogIndex(100), of: log)
        let noted = engine.takeCheckpoints()
        #expect(noted.map(\.index.number) == Array(85...100))
    }

    /// What stands in it was noted by whoever applied it.
    @Test func aStateThatIsReadNotesNothing() throws {
        let log = Self.log(of: 24, level: 1)
        var engine = Engine<Calculator>(checkpoint: 5)
        engine.apply(through: LogIndex(20), of: log)
        let bytes = engine.encodeState()
        var again = try #require(Engine<Calculator>(state: bytes, checkpoint: 5))
        #expect(again.takeCheckpoints() == [])
        again.apply(through: LogIndex(24), of: log)
        #expect(again.takeCheckpoints() == [])
        again = try #require(Engine<Calculator>(state: bytes, checkpoint: 6))
        again.apply(through: LogIndex(24), of: log)
        let noted = again.takeCheckpoints()
        #expect(noted == [StateHash(index: LogIndex(24), hash: again.hash)])
    }
}
