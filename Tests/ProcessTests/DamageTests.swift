import ClusterHarness
import Effort
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// Bytes of a stopped node's directory, changed by hand.
    @Suite struct DamageTests {
        private let cluster: TestCluster
        private let victim: NodeID
        private var segment: String { "\(cluster.directory(of: victim))/wal-00000001.log" }
        private var identity: String { "\(cluster.directory(of: victim))/identity" }

        /// Three nodes that have written, one of them killed.
        init() throws {
            cluster = try TestCluster()
            let leader = try cluster.startAllAndSettle()
            victim = try #require(cluster.ids.first { $0 != leader })
            let (_, _) = try WriterPool.writing(clients: 4, to: cluster) { pool in
                for _ in 0..<50 { _ = try pool.acknowledgement(after: MonotonicClock.now()) }
            }
            try cluster.settle()
            try cluster.kill(victim)
        }

        @Test func bitsFlip() throws {
            let image = try SegmentImage(segment)
            let last = try #require(image.lastWritten)
            let middle = image.records[image.records.count / 2]
            // What had been idle for a moment has its mark behind it.
            #expect(image.records.last?.kind == SegmentImage.mark)
            let step = max(1, 20 / effort)
            var places = stride(from: 0, to: 64, by: step).map { ($0, 0) }
            for record in [image.records[0], middle, last] {
                let end = record.offset + record.length
                let offsets = stride(from: record.offset, to: end, by: step)
                places += offsets.map { ($0, record.offset) }
            }
            for (place, record) in places {
                let damaged = image.flipping(place % 8, at: place)
                try expectRefusal(of: damaged, in: segment, naming: "offset \(record)")
            }
            try overwrite(segment, image.bytes)
            try expectStart()
        }

        @Test func bitsOfTheIdentityFlip() throws {
            let bytes = try FileSystem.contents(of: identity, limit: 4_096)
            for place in stride(from: 0, to: bytes.count, by: max(1, 10 / effort)) {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(place % 8)
                try expectRefusal(of: damaged, in: identity, naming: "identity")
            }
            try overwrite(identity, bytes)
            try expectStart()
        }

        @Test func filesAreMissing() throws {
            for path in [segment, identity] {
                try FileSystem.rename(path, to: "\(path).away")
                try expectRefusal(naming: path.split(separator: "/").last.map(String.init) ?? path)
                try FileSystem.rename("\(path).away", to: path)
            }
            try expectStart()
        }

        /// Behind the last synced record anything may lie, or nothing.
        @Test func theTailIsTorn() throws {
            var garbage = RandomSource(seed: 7)
            let noise = (0..<5_000).map { _ in UInt8(truncatingIfNeeded: garbage.next()) }
            let value = try cluster.linearizableValue()
            let tails: [(SegmentImage) -> [UInt8]] = [
                { $0.synced },
                { $0.synced + [UInt8](repeating: 0, count: 300) },
                { Array($0.bytes[..<($0.synced.count + 5)]) },
                { Array($0.bytes[..<$0.end]) },
                { Array($0.bytes[..<($0.end + 100)]) },
                { $0.bytes[..<$0.end] + noise },
                { $0.synced + noise },
                { $0.bytes + noise },
            ]
            for tail in tails {
                // Each start is written down, so that an older image would be an old copy.
                let image = try SegmentImage(segment)
                let torn = tail(image)
                try overwrite(segment, torn)
                try expectStart()
                // What was cut off lies beside the log.
                if torn.count > image.synced.count, torn.suffix(noise.count) == noise[...] {
                    let names = try FileSystem.names(in: cluster.directory(of: victim))
                    #expect(names.contains { $0.hasPrefix("torn-00000001-") })
                }
            }
            try cluster.start(victim)
            try cluster.waitUntilReady(victim)
            #expect(try cluster.request(.get, victim, "/get").value == value)
        }

        /// The window that docs/disk-format.md names: the last batch is damaged and its mark is gone.
        /// Nothing on this disk tells, but the leader that counted on it does.
        @Test func theLastBatchAndItsMarkAreLost() throws {
            let image = try SegmentImage(segment)
            let last = try #require(image.lastWritten)
            let mark = try #require(image.records.last)
            try overwrite(segment, Array(image.flipping(0, at: last.offset + 8)[..<mark.offset]))
            let said = cluster.standardError(of: victim).utf8.count
            try cluster.start(victim)
            #expect(try cluster.waitForExit(victim) == 65)
            #expect(
                cluster.standardError(of: victim, after: said)
                    .contains("had acknowledged all entries up to"))
            // The others go on without it.
            let value = try cluster.linearizableValue()
            #expect(
                try cluster.request(.post, cluster.agreedLeader(), "/add?value=1").value == value
                    + 1)
        }

        /// A node that is killed in the midst of its work. If its mark is there, the last record counts
        /// as synced, and a wrong bit in it is found.
        @Test func aBitFlipsUnderLoad() throws {
            try cluster.start(victim)
            try cluster.waitUntilReady(victim)
            let before = try cluster.linearizableValue()
            var marks = 0
            let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                for _ in 0..<rounds {
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    try cluster.kill(victim)
                    let newest = try newestSegment()
                    let image = try SegmentImage(newest)
                    // Without a mark nothing on this disk tells that the last record was synced.
                    if let last = image.lastWritten,
                        image.records.last?.kind == SegmentImage.mark
                    {
                        marks += 1
                        try overwrite(newest, image.flipping(3, at: last.offset + 9))
                        try expectRefusal(naming: "offset \(last.offset)")
                        try overwrite(newest, image.bytes)
                    }
                    try cluster.start(victim)
                    try cluster.waitUntilReady(victim)
                }
            }
            print("killed under load: \(marks) of \(rounds) had left a mark")
            let after = try cluster.linearizableValue()
            #expect(Ledger(attempts).contradictions(from: before, to: after) == [])
        }

        /// The segment that the log has come to.
        private func newestSegment() throws -> String {
            let directory = cluster.directory(of: victim)
            let names = try FileSystem.names(in: directory).filter { $0.hasPrefix("wal-") }
            return "\(directory)/\(try #require(names.max()))"
        }

        private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
            try File(path, .createEmpty).write(bytes, 0..<bytes.count, at: 0)
        }

        private func expectRefusal(
            of bytes: [UInt8], in path: String, naming what: String
        ) throws {
            try overwrite(path, bytes)
            try expectRefusal(naming: what)
        }

        /// The node ends with exit 65, says where, and touches nothing.
        private func expectRefusal(naming what: String) throws {
            let before = try contents()
            let said = cluster.standardError(of: victim).utf8.count
            try cluster.start(victim)
            #expect(try cluster.waitForExit(victim) == 65, "\(what)")
            let text = cluster.standardError(of: victim, after: said)
            #expect(text.contains(what) && text.contains("Nothing was changed"), "\(what)")
            #expect(try contents() == before, "\(what)")
        }

        /// The node starts, catches up, and is killed again.
        private func expectStart() throws {
            try cluster.start(victim)
            try cluster.waitUntilReady(victim)
            try cluster.kill(victim)
        }

        private func contents() throws -> [String: [UInt8]] {
            let directory = cluster.directory(of: victim)
            // The one changes with each process, and the other means nothing.
            let names = try FileSystem.names(in: directory).filter {
                $0 != "lock" && $0 != "reserve"
            }
            return Dictionary(
                uniqueKeysWithValues: try names.map {
                    ($0, try FileSystem.contents(of: "\(directory)/\($0)", limit: 1 << 26))
                })
        }
    }
}
