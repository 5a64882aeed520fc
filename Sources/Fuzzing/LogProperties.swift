import Founding
import Primitives
import Raft
import WriteAheadLog

/// What opening a log promises for any directory: either it throws and every byte stays as it was, or
/// it opens, sets aside what it cuts, opens the same a second time, and can be written on.
enum LogProperties {
    private typealias Files = [String: [UInt8]]

    /// What was found in a directory, and what was done there.
    private struct Opening {
        let state: LogState
        let isFresh: Bool
        let tornTail: TornTail?
        let setAside: [String]
        var after: Files
    }

    /// Small enough that an image of a few hundred bytes has several segments.
    private static let limits = LogLimits(segmentBytes: 384, preallocationBytes: 128)

    /// A node computes with its terms; from here on a sum could overflow.
    private static let termLimit = Term(1 << 62)

    static func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        let files = LogImage(bytes).files
        guard let first = try open(files) else { return false }
        try checkState(first.state)
        try checkChanges(from: files, by: first)
        guard let second = try open(first.after) else {
            throw BrokenProperty("broken: what was opened once opens again")
        }
        try hold(second.state == first.state, "\(first.state), and then \(second.state)")
        // A rewrite that was not finished means nothing, and goes with the next one that is.
        var expected = first.after
        if second.after["rewrite.new"] == nil { expected["rewrite.new"] = nil }
        try hold(
            second.tornTail == nil && !second.isFresh && second.setAside.isEmpty
                && second.after == expected,
            "nothing is left to do for a second opening")
        try checkGoingOn(first.after, from: first.state)
        return true
    }

    private static func opened(
        _ disk: ImageDisk
    ) throws(LogFault) -> OpenedLog<ImageDisk> {
        guard let node = LogImage.node else { preconditionFailure("n1 is a name") }
        return try WriteAheadLog.open(
            disk, cluster: LogImage.cluster, node: node, newDisk: DiskID(9), limits: limits)
    }

    /// Opens a directory; nil where it is refused as it must be.
    private static func open(_ files: Files) throws(BrokenProperty) -> Opening? {
        let disk = ImageDisk(files)
        do throws(LogFault) {
            let opened = try opened(disk)
            return Opening(
                state: LogState(opened.recovered), isFresh: opened.recovered.isFresh,
                tornTail: opened.recovered.tornTail, setAside: opened.recovered.setAside,
                after: disk.files)
        } catch {
            try hold(disk.files == files, "\(error) leaves every byte as it was")
            switch error {
            case .damaged, .newer, .newerLevel, .identity: return nil
            case .noSpace, .disk: throw BrokenProperty("broken: a sound disk, and \(error)")
            }
        }
    }

    /// What a core can be started with (Raft figure 2).
    private static func checkState(_ state: LogState) throws(BrokenProperty) {
        let last = state.entries.last?.term ?? state.base.term
        try hold(last <= state.hardState.term, "no entry is of a term after \(state.hardState)")
        try hold(state.hardState.term < termLimit, "\(state.hardState.term) has successors")
        try hold(
            state.commit >= state.base.index && state.commit <= state.lastIndex,
            "commit is in the log")
        try hold(
            state.snapshot?.last ?? .zero == state.base && state.level <= .current,
            "the log begins behind its snapshot")
        let terms = [state.base.term] + state.entries.map(\.term)
        try hold(zip(terms, terms.dropFirst()).allSatisfy { $0 <= $1 }, "terms never fall")
    }

    /// An opening changes nothing but a torn tail and damaged snapshots, which are kept, what an
    /// interrupted roll, birth or rewrite left, and that the log begins anew behind a snapshot.
    private static func checkChanges(
        from found: Files, by opening: Opening
    ) throws(BrokenProperty) {
        let before = rewritten(found)
        let birth = opening.isFresh ? ["identity", "identity.new", "wal-00000001.log"] : []
        let torn = opening.tornTail
        for (name, bytes) in before where opening.after[name] != bytes {
            if birth.contains(name) { continue }
            if name.hasPrefix("rewrite"), opening.after[name] == nil { continue }
            if ["snapshot.new", "reserve.new"].contains(name), opening.after[name] == nil {
                continue
            }
            if let aside = opening.setAside.first(where: { isSetAside(name, as: $0) }) {
                try hold(
                    opening.after[name] == nil && opening.after[aside] == bytes, "\(name) is kept")
                continue
            }
            // A name that a damaged snapshot has now may have been an older one's.
            if opening.setAside.contains(name) { continue }
            guard let after = opening.after[name] else {
                try hold(isLastSegment(name, in: before), "\(name) is not removed")
                continue
            }
            if beginsAnew(opening), name.hasPrefix("wal-") {
                let kept = torn?.file == name ? bytes.prefix(torn?.offset ?? 0) : bytes[...]
                try hold(
                    after.starts(with: withoutZeros(kept)), "what \(name) said is still there")
                continue
            }
            guard let torn, torn.file == name else {
                throw BrokenProperty("broken: \(name) stays as it was")
            }
            var expected = bytes
            let cut = torn.offset..<torn.offset + torn.count
            expected.replaceSubrange(cut, with: [UInt8](repeating: 0, count: torn.count))
            try hold(after == expected, "only the torn tail of \(name) is cut")
            try hold(
                opening.after[torn.keptIn] == Array(bytes[cut]), "the torn bytes are kept")
        }
        for name in opening.after.keys where before[name] == nil {
            let isOfUse =
                name == torn?.keptIn || birth.contains(name) || opening.setAside.contains(name)
                || (name.hasPrefix("wal-") && beginsAnew(opening))
            try hold(isOfUse, "\(name) was not asked for")
        }
    }

    /// Whether the opening may have written that the log begins anew: behind a snapshot, with nothing.
    private static func beginsAnew(_ opening: Opening) -> Bool {
        opening.state.snapshot != nil && opening.state.entries.isEmpty
    }

    private static func isSetAside(_ name: String, as aside: String) -> Bool {
        name.hasSuffix(".bin") && aside == name.dropLast(4) + ".damaged"
    }

    /// The bytes up to the last one that is not zero.
    private static func withoutZeros(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.prefix((bytes.lastIndex { $0 != 0 } ?? -1) + 1)
    }

    /// The files with the bytes of an interrupted rewrite where they belong.
    private static func rewritten(_ files: Files) -> Files {
        guard let kept = files["rewrite"] else { return files }
        var files = files
        var offset = 24
        while kept.count - offset >= 24 {
            func word(_ position: Int) -> Int {
                // Seven bytes, so that it is not negative.
                Int(kept.span.littleEndian(UInt64.self, at: offset + 8 * position) & .max >> 8)
            }
            let (number, from) = (word(0), word(1))
            let start = offset + 24
            let end = start + word(2)
            guard end <= kept.count else { break }
            let name = "wal-0000000\(number).log"
            if var bytes = files[name], from <= bytes.count {
                let covered = min(bytes.count, from + end - start)
                bytes.replaceSubrange(from..<covered, with: kept[start..<end])
                files[name] = bytes
            }
            offset = end
        }
        return files
    }

    /// Whether it is the last segment, behind another: what a roll may have left.
    private static func isLastSegment(_ name: String, in files: Files) -> Bool {
        let segments = LogImage.names.filter { $0.hasPrefix("wal-0000000") && files[$0] != nil }
        return segments.count > 1 && segments.max() == name
    }

    /// A node goes on in the log: what it writes is there at the next opening, behind what was.
    private static func checkGoingOn(
        _ files: Files, from state: LogState
    ) throws(BrokenProperty) {
        let disk = ImageDisk(files)
        var expected = state
        expected.hardState = HardState(term: state.hardState.term.next, vote: LogImage.node)
        let payload: [UInt8] = [1, 2, 3]
        let entry = LogState.Entry(
            term: expected.hardState.term, kind: .command, payload: payload)
        expected.entries += [entry, entry]
        expected.commit = expected.lastIndex
        do throws(LogFault) {
            var log = try opened(disk)
            for _ in 1...2 {
                let index = log.recovered.log.append(
                    term: entry.term, kind: .command, payload: 0..<payload.count, of: payload)
                var batch = LogBatch()
                batch.append(
                    Write(
                        id: WriteID(index.number), hardState: expected.hardState,
                        entries: index..<index.next),
                    from: log.recovered.log)
                try log.log.flush(&batch)
                try log.log.sync()
            }
            try log.log.close(commit: expected.commit)
        } catch {
            throw BrokenProperty("broken: an opened log can be written on, but \(error)")
        }
        let again = try open(disk.files)
        try hold(
            again?.state == expected && again?.tornTail == nil,
            "\(expected) was written, and \(String(describing: again?.state)) is there")
    }
}
