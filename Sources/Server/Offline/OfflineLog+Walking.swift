import Calculator
import Raft
import Replica
import WriteAheadLog

extension OfflineLog {
    /// How far a walk has come.
    private struct Walk {
        var entries: EntryWalk
        /// The value at the last entry known committed, once it is known.
        var committedValue: Int64?
        /// Below which entry nothing is shown.
        let first: UInt64
    }

    /// The state of the newest snapshot.
    private var newest: Engine<Calculator>? { states.last }

    /// Through which entry the directory knows the log committed.
    var commit: LogIndex { max(inspection.commit, newest?.applied.index ?? .zero) }

    /// Walks over all that the directory holds, in order, and says what it amounts to.
    ///
    /// - Parameters:
    ///   - first: The first entry to be shown. Those before it are applied all the same.
    ///   - show: Is handed every entry, and where records were asked for, every other record.
    public func walk(
        from first: UInt64 = 0, _ show: (LoggedItem) -> Void = { _ in }
    ) -> LogVerdict {
        let entries = EntryWalk(base: inspection.log.base, snapshots: states, commit: commit)
        var walk = Walk(entries: entries, first: first)
        walk.committedValue = commit == .zero ? 0 : nil
        if let newest, newest.applied.index == commit { walk.committedValue = newest.machine.value }
        let standing = standingRecords
        for (record, isStanding) in zip(inspection.records, standing) {
            if isStanding {
                step(to: record.index, at: RecordPlace(record), &walk, show)
            } else if record.index.number >= first || !record.isEntry {
                show(.record(LoggedRecord(record)))
            }
        }
        if inspection.records.isEmpty, !inspection.isReplaced,
            inspection.log.last != inspection.log.base
        {
            for index in inspection.log.firstIndex...inspection.log.lastIndex {
                step(to: index, at: nil, &walk, show)
            }
        }
        return verdict(after: walk)
    }

    private func step(
        to index: LogIndex, at place: RecordPlace?, _ walk: inout Walk,
        _ show: (LoggedItem) -> Void
    ) {
        let entry = walk.entries.step(to: index, of: inspection.log)
        if index == commit { walk.committedValue = entry.value }
        if entry.index >= walk.first { show(.entry(entry, place)) }
    }

    /// For each record, whether it holds an entry of the log as it stands: neither replaced by a later
    /// record nor by a snapshot.
    private var standingRecords: [Bool] {
        var next =
            inspection.isReplaced ? inspection.log.base.index.next : inspection.log.lastIndex.next
        var standing = [Bool](repeating: false, count: inspection.records.count)
        for position in standing.indices.reversed() where inspection.records[position].isEntry {
            // From the end on, the first record of each index is the one that counts.
            guard next > inspection.log.firstIndex,
                inspection.records[position].index == next.previous
            else { continue }
            standing[position] = true
            next = next.previous
        }
        return standing
    }

    private func verdict(after walk: Walk) -> LogVerdict {
        let log = inspection.log.base.index
        let hasEntries = !inspection.isReplaced && log < inspection.log.lastIndex
        return LogVerdict(
            entries: hasEntries
                ? log.next.number...inspection.log.lastIndex.number : nil,
            commit: commit.number, committedValue: walk.committedValue,
            segments: inspection.segments.count, snapshots: states.map(\.applied.index.number),
            notes: notes, faults: faults(after: walk.entries))
    }

    private var notes: [String] {
        var notes: [String] = []
        if case .torn(let file, let offset, let count) = inspection.ending {
            notes.append(
                "\(file) ends at offset \(offset) with \(count) bytes of a batch that was never "
                    + "synced: nobody was told of it, and the next start sets it aside")
        }
        if inspection.isReplaced, let newest {
            notes.append(
                "the snapshot through entry \(newest.applied.index.number) has replaced the log")
        }
        return notes + badSnapshots
    }

    private func faults(after walk: EntryWalk) -> [String] {
        var faults: [String] = []
        if case .fault(let fault) = inspection.ending { faults.append("\(fault)") }
        if let stateFault { faults.append(stateFault) }
        if let index = walk.unreadable {
            faults.append(
                "entry \(index.number) is as it was written, and this version of tally can't read it"
            )
        }
        if let index = walk.contradicted {
            faults.append(
                "the snapshot through entry \(index.number) holds another state than the log leads to"
            )
        }
        return faults
    }
}

extension InspectedRecord {
    fileprivate var isEntry: Bool { if case .entry = content { true } else { false } }
}
