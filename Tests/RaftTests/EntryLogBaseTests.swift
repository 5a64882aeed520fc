import Primitives
import Testing

@testable import Raft

/// A log with a base, held against a plain array that never forgets.
@Suite struct EntryLogBaseTests {
    private struct Model {
        struct Entry {
            var term: Term
            var kind: EntryKind
            var payload: [UInt8]
        }

        var base = EntryID.zero
        var baseLevel = FeatureLevel.initial
        /// Those behind `origin`, also below the base.
        var origin = LogIndex.zero
        var entries: [Entry] = []

        var last: LogIndex { origin.advanced(by: entries.count) }

        func entry(at index: LogIndex) -> Entry { entries[origin.next.distance(to: index)] }

        func term(at index: LogIndex) -> Term {
            index == base.index ? base.term : entry(at: index).term
        }

        func level(at index: LogIndex) -> FeatureLevel {
            entries.prefix(origin.distance(to: index)).reduce(baseLevel) { level, entry in
                guard entry.kind == .featureLevel else { return level }
                let named = FeatureLevel(payload: entry.payload, in: 0..<entry.payload.count)
                return max(level, named ?? level)
            }
        }

        func bytes(_ range: Range<LogIndex>) -> Int {
            range.reduce(0) { $0 + entry(at: $1).payload.count + EntryBatch.overhead }
        }
    }

    private struct Pair: ~Copyable {
        var log = EntryLog()
        var model = Model()
        var random: RandomSource
        var term = Term(1)

        init(seed: UInt64) { random = RandomSource(seed: seed) }

        /// An index from the base to the end.
        mutating func drawIndex() -> LogIndex {
            log.base.index.advanced(by: random.below(log.base.index.distance(to: model.last) + 1))
        }

        mutating func append() {
            if random.chance(1, in: 3) { term = term.next }
            // Now and then whole chunks, and chunks that end with the log.
            let fill = 512 - model.entries.count % 512
            let count = random.chance(1, in: 4) ? fill : random.below(900)
            for _ in 0..<count {
                var kind = EntryKind.command
                var payload = (0..<random.below(12)).map { UInt8($0) }
                if random.chance(1, in: 200) {
                    kind = .featureLevel
                    payload = FeatureLevel(UInt16(1 + random.below(20))).payload
                }
                log.append(term: term, kind: kind, payload: 0..<payload.count, of: payload)
                model.entries.append(Model.Entry(term: term, kind: kind, payload: payload))
            }
        }

        mutating func truncate() {
            let first = drawIndex().next
            log.truncate(from: first)
            if first <= model.last {
                model.entries.removeSubrange(model.origin.next.distance(to: first)...)
            }
        }

        mutating func compact() {
            let index = random.chance(1, in: 5) ? model.last : drawIndex()
            let term = model.term(at: index)
            log.compact(through: index)
            model.base = EntryID(index: index, term: term)
        }

        mutating func reset() {
            term = term.next
            let base = EntryID(
                index: LogIndex(UInt64(random.below(5_000))), term: term)
            let level = FeatureLevel(UInt16(1 + random.below(3)))
            log.reset(to: base, level: level)
            model = Model(base: base, baseLevel: level, origin: base.index)
        }

        func expectEqual() {
            let (log, model) = (log.base, model)
            #expect(log == model.base)
            #expect(self.log.lastIndex == model.last)
            #expect(self.log.firstIndex == model.base.index.next)
            #expect(self.log.last.term == model.term(at: model.last))
            #expect(self.log.level == model.level(at: model.last))
            var cursor = TermCursor()
            var index = model.base.index.next
            while index <= model.last {
                let entry = model.entry(at: index)
                let (kind, payload) = self.log.withEntry(at: index) { kind, bytes, range in
                    (kind, Array(bytes[range]))
                }
                let terms = (self.log.term(at: index), self.log.term(at: index, &cursor))
                guard kind == entry.kind, payload == entry.payload, terms.0 == entry.term,
                    terms.1 == entry.term, self.log.payloadLength(at: index) == payload.count
                else {
                    Issue.record("another entry at \(index)")
                    return
                }
                index = index.next
            }
        }

        mutating func expectSameAnswers() {
            let index = drawIndex()
            #expect(log.term(at: index) == model.term(at: index))
            #expect(log.level(at: index) == model.level(at: index))
            let first = drawIndex().next
            let batch = log.batch(
                from: first, maximumCount: random.below(2_000), maximumBytes: 1 << 20)
            let range = first..<first.advanced(by: batch.count)
            #expect(batch.bytes.count == model.bytes(range))
            #expect(log.batchBytes(of: range) == model.bytes(range))
            let (limit, asked) = (drawIndex(), Term(UInt64(random.below(Int(term.number) + 2))))
            var expected = limit
            while expected > model.base.index, model.term(at: expected) > asked {
                expected = expected.previous
            }
            #expect(log.lastIndex(upTo: limit, ofTermAtMost: asked) == expected)
        }

        mutating func expectSameTrail() {
            let (last, entries) = (drawIndex(), random.below(1_500))
            let bytes = random.below(20_000)
            var expected = last.next
            while expected > model.base.index.next, expected.distance(to: last) + 2 <= entries,
                model.bytes(expected.previous..<last.next) <= bytes
            {
                expected = expected.previous
            }
            #expect(log.start(ofTrail: entries, bytes: bytes, through: last) == expected)
        }
    }

    @Test(arguments: 1...12)
    func behavesLikeAnArray(seed: UInt64) {
        var pair = Pair(seed: seed)
        for _ in 0..<60 {
            switch pair.random.below(12) {
            case 0..<5: pair.append()
            case 5..<7: pair.truncate()
            case 7..<11: pair.compact()
            default: pair.reset()
            }
            pair.expectEqual()
            pair.expectSameAnswers()
            pair.expectSameTrail()
        }
    }

    private func log(_ count: Int, term: UInt64 = 1) -> EntryLog {
        var log = EntryLog()
        for _ in 0..<count {
            log.append(term: Term(term), kind: .command, payload: 0..<1, of: [1])
        }
        return log
    }

    @Test func whatLiesBelowTheBaseAgrees() {
        var log = log(10, term: 3)
        log.compact(through: LogIndex(6))
        let answers = [
            log.contains(entry(2, term: 9)), log.contains(entry(6, term: 3)),
            log.contains(entry(6, term: 2)), log.contains(entry(7, term: 3)),
            log.contains(entry(11, term: 3)), log.contains(.zero),
        ]
        #expect(answers == [true, true, false, true, false, true])
        let limits = [
            log.lastIndex(upTo: LogIndex(4), ofTermAtMost: Term(3)),
            log.lastIndex(upTo: LogIndex(4), ofTermAtMost: Term(1)),
            log.lastIndex(upTo: LogIndex(9), ofTermAtMost: Term(1)),
        ]
        #expect(limits.map(\.number) == [4, 4, 6])
    }

    /// Whole chunks are given back, and a base that moves on entry by entry costs nothing for each.
    @Test func compactionFreesChunks() {
        var log = log(100 * 512)
        func held() -> Int { log.chunks.count { !$0.ends.isEmpty } }
        for index in 1..<100 * 512 {
            log.compact(through: LogIndex(UInt64(index)))
            if index % 512 != 511 { continue }
            let (chunks, expected) = (
                held(), 100 - (index + 1) / 512 + (index % 512 == 511 ? 1 : 0)
            )
            #expect(chunks == expected)
            // Freed chunks are never more than those that are held, but for one.
            let all = log.chunks.count
            #expect(all <= 2 * chunks + 1)
        }
        log.compact(through: log.lastIndex)
        let isEmpty = log.chunks.isEmpty
        #expect(isEmpty)
        let index = log.append(term: Term(2), kind: .command, payload: 0..<0, of: [])
        #expect(index == LogIndex(100 * 512 + 1))
    }

    @Test func theFeatureLevelIsAStateOfTheLog() {
        var log = EntryLog()
        func raise(_ level: UInt16) {
            log.append(
                term: Term(1), kind: .featureLevel, payload: 0..<2,
                of: FeatureLevel(level).payload)
        }
        log.append(term: Term(1), kind: .noOperation, payload: 0..<0, of: [])
        raise(2)
        raise(4)
        raise(3)
        // Bytes that are no level, as a disk may hold.
        log.append(term: Term(1), kind: .featureLevel, payload: 0..<1, of: [9])
        var levels = (0...5).map { log.level(at: LogIndex($0)).number }
        #expect(levels == [1, 1, 2, 4, 4, 4])
        log.compact(through: LogIndex(2))
        levels = (2...5).map { log.level(at: LogIndex($0)).number }
        #expect(levels == [2, 4, 4, 4])
        log.truncate(from: LogIndex(3))
        #expect(log.level.number == 2)
        log.reset(to: entry(9, term: 1), level: FeatureLevel(7))
        #expect(log.level.number == 7)
        raise(8)
        levels = (9...10).map { log.level(at: LogIndex($0)).number }
        #expect(levels == [7, 8])
    }
}
