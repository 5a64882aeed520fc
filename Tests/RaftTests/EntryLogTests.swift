import Primitives
import Testing

@testable import Raft

@Suite struct EntryLogTests {
    /// A log as a plain array of entries: the twin that the flat log is held against.
    private struct Model {
        var entries: [(term: Term, kind: EntryKind, payload: [UInt8])] = []
    }

    private func expectEqual(_ log: borrowing EntryLog, _ model: Model) {
        #expect(log.lastIndex.number == UInt64(model.entries.count))
        var cursor = TermCursor()
        for (offset, entry) in model.entries.enumerated() {
            let index = LogIndex(UInt64(offset + 1))
            #expect(log.term(at: index) == entry.term)
            #expect(log.term(at: index, &cursor) == entry.term)
            let (kind, payload) = log.withEntry(at: index) { kind, bytes, range in
                (kind, Array(bytes[range]))
            }
            #expect(kind == entry.kind && payload == entry.payload)
        }
    }

    @Test func behavesLikeAnArray() {
        var random = RandomSource(seed: 7)
        for _ in 0..<20 {
            var log = EntryLog()
            var model = Model()
            var term = Term(1)
            for _ in 0..<60 {
                if random.chance(1, in: 6), !model.entries.isEmpty {
                    let index = 1 + random.below(model.entries.count)
                    log.truncate(from: LogIndex(UInt64(index)))
                    model.entries.removeSubrange((index - 1)...)
                }
                if random.chance(1, in: 3) { term = term.next }
                for _ in 0..<random.below(120) {
                    let source = (0..<random.below(20)).map { UInt8($0) }
                    let range = 0..<random.below(source.count + 1)
                    let kind: EntryKind = random.chance(1, in: 5) ? .noOperation : .command
                    log.append(term: term, kind: kind, payload: range, of: source)
                    model.entries.append((term, kind, Array(source[range])))
                }
            }
            expectEqual(log, model)
            let limit = LogIndex(UInt64(random.below(model.entries.count + 1)))
            let asked = Term(UInt64(random.below(25)))
            let expected = model.entries.prefix(Int(limit.number)).lastIndex { $0.term <= asked }
            #expect(
                log.lastIndex(upTo: limit, ofTermAtMost: asked).number
                    == UInt64((expected ?? -1) + 1))
        }
    }

    /// A cursor that is kept while the log loses entries and gets others, and that jumps, is right.
    @Test func aCursorIsNeverWrong() {
        var random = RandomSource(seed: 8)
        var log = EntryLog()
        var terms: [Term] = []
        var term = Term(1)
        var cursor = TermCursor()
        for _ in 0..<400 {
            if random.chance(1, in: 4), !terms.isEmpty {
                let kept = random.below(terms.count)
                log.truncate(from: LogIndex(UInt64(kept + 1)))
                terms.removeSubrange(kept...)
            }
            for _ in 0..<random.below(30) {
                if random.chance(1, in: 3) { term = Term(term.number + UInt64(random.below(3))) }
                log.append(term: term, kind: .command, payload: 0..<0, of: [])
                terms.append(term)
            }
            guard !terms.isEmpty else { continue }
            let start = random.below(terms.count)
            for offset in start..<min(start + random.below(20), terms.count) {
                let index = LogIndex(UInt64(offset + 1))
                #expect(log.term(at: index, &cursor) == terms[offset])
            }
            let asked = Term(UInt64(random.below(Int(term.number) + 2)))
            let limit = random.below(terms.count + 1)
            let twin = terms.prefix(limit).lastIndex { $0 <= asked }.map { $0 + 1 } ?? 0
            let found = log.lastIndex(upTo: LogIndex(UInt64(limit)), ofTermAtMost: asked)
            #expect(found.number == UInt64(twin))
        }
    }

    @Test func bytesOfBatchesAreKnownWithoutMakingThem() {
        var random = RandomSource(seed: 9)
        var log = EntryLog()
        let source = [UInt8](repeating: 1, count: 40)
        for round in 0..<60 {
            for _ in 0..<random.below(200) {
                log.append(
                    term: Term(UInt64(round + 1)), kind: .command,
                    payload: 0..<random.below(40), of: source)
            }
            if random.chance(1, in: 3), log.lastIndex > .zero {
                log.truncate(from: LogIndex(1 + UInt64(random.below(Int(log.lastIndex.number)))))
            }
            let first = LogIndex(1 + UInt64(random.below(Int(log.lastIndex.number) + 1)))
            let batch = log.batch(
                from: first, maximumCount: random.below(3_000), maximumBytes: 1 << 20)
            let range = first..<first.advanced(by: batch.count)
            #expect(log.batchBytes(of: range) == batch.bytes.count)
        }
    }

    @Test func batchesCarryEntriesBothWays() throws {
        var log = EntryLog()
        for number in 1...40 {
            log.append(
                term: Term(UInt64(number / 10 + 1)), kind: .command, payload: 0..<number % 7,
                of: [1, 2, 3, 4, 5, 6, 7])
        }
        let batch = log.batch(from: LogIndex(3), maximumCount: 30, maximumBytes: 300)
        #expect(batch.count > 1 && batch.bytes.count <= 300)
        let same = try #require(EntryBatch(bytes: batch.bytes))
        #expect(same == batch)
        var offset = 0
        var index = LogIndex(3)
        while let entry = batch.entry(at: &offset) {
            #expect(entry.term == log.term(at: index))
            #expect(entry.payload.count == log.payloadLength(at: index))
            index = index.next
        }
        #expect(index == LogIndex(3).advanced(by: batch.count))
        #expect(log.batch(from: LogIndex(1), maximumCount: 9, maximumBytes: 0).count == 1)
        #expect(log.batch(from: LogIndex(41), maximumCount: 9, maximumBytes: 99).isEmpty)
    }

    @Test func damagedBatchesAreRefused() {
        var log = EntryLog()
        log.append(term: Term(3), kind: .command, payload: 0..<4, of: [1, 2, 3, 4])
        log.append(term: Term(3), kind: .command, payload: 0..<4, of: [1, 2, 3, 4])
        let bytes = log.batch(from: LogIndex(1), maximumCount: 9, maximumBytes: 999).bytes
        for cut in 1..<bytes.count where cut != bytes.count / 2 {
            #expect(EntryBatch(bytes: Array(bytes[..<cut])) == nil)
        }
        var unknownKind = bytes
        unknownKind[8] = 9
        #expect(EntryBatch(bytes: unknownKind) == nil)
        var fallingTerm = bytes
        fallingTerm[0] = 4
        #expect(EntryBatch(bytes: fallingTerm) == nil)
    }
}
