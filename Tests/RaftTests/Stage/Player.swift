import Primitives

@testable import Raft

let n1 = NodeID("n1")!
let n2 = NodeID("n2")!
let n3 = NodeID("n3")!
let n4 = NodeID("n4")!
let n5 = NodeID("n5")!

/// An entry as the stage's disks hold it.
struct StagedEntry: Hashable, CustomStringConvertible {
    var term: Term
    var kind: EntryKind
    var payload: [UInt8]

    /// The term and the payload, as in `2:a`; a no-op is `2:-`.
    var description: String {
        let text = kind == .noOperation ? "-" : String(decoding: payload, as: UTF8.self)
        return "\(term.number):\(text)"
    }

    /// The entries that a text like `1:- 1:a 2:b` spells.
    static func entries(_ text: String) -> [StagedEntry] {
        text.split(separator: " ").map { word in
            let parts = word.split(separator: ":", maxSplits: 1)
            let isNoOperation = parts[1] == "-"
            return StagedEntry(
                term: Term(UInt64(parts[0])!), kind: isNoOperation ? .noOperation : .command,
                payload: isNoOperation ? [] : Array(parts[1].utf8))
        }
    }
}

/// What one server's disk holds once it is synced.
struct StagedDisk: Hashable {
    var hardState = HardState.initial
    var entries: [StagedEntry] = []

    /// A disk whose log a text like `1:- 1:a` spells; its term is at least that of the last entry.
    init(log: String = "", term: UInt64 = 0, vote: NodeID? = nil) {
        entries = StagedEntry.entries(log)
        hardState = HardState(term: max(Term(term), entries.last?.term ?? .zero), vote: vote)
    }

    mutating func apply(_ write: StagedWrite) {
        if let new = write.hardState { hardState = new }
        guard !write.entries.isEmpty else { return }
        entries.removeSubrange((Int(write.first.number) - 1)...)
        entries += write.entries
    }
}

/// A write with the entries that it had when the core asked for it.
struct StagedWrite: Hashable {
    var id: WriteID
    var hardState: HardState?
    var first: LogIndex
    var entries: [StagedEntry]
}

/// One server on the stage: a core and its disk.
final class Player {
    let id: NodeID
    let timing: Timing
    let seed: UInt64
    var raft: Raft
    var disk: StagedDisk
    var isUp = true
    /// Whether writes stay unsynced until the test says so.
    var withholds = false
    var unsynced: StagedWrite?
    var accepted: EntryID?
    var readsReady: [ReadReady] = []
    /// What it has noted for people, in order.
    var notices: [Raft.Notice] = []
    /// Every write asked for, in order.
    var writes: [StagedWrite] = []

    init(_ id: NodeID, timing: Timing, seed: UInt64, disk: StagedDisk) {
        self.id = id
        self.timing = timing
        self.seed = seed
        self.disk = disk
        raft = Player.boot(id, timing: timing, seed: seed, disk: disk)
    }

    private static func boot(
        _ id: NodeID, timing: Timing, seed: UInt64, disk: StagedDisk
    ) -> Raft {
        var log = EntryLog()
        for entry in disk.entries {
            log.append(
                term: entry.term, kind: entry.kind, payload: 0..<entry.payload.count,
                of: entry.payload)
        }
        return Raft(
            id: id, timing: timing, seed: seed, hardState: disk.hardState, log: log, commit: .zero)
    }

    /// Starts over from what the disk holds.
    func reboot() {
        raft = Player.boot(id, timing: timing, seed: seed &+ 1_000, disk: disk)
        isUp = true
        unsynced = nil
        accepted = nil
        readsReady = []
    }

    /// The entries of the core's log in a range.
    func entries(_ range: Range<LogIndex>) -> [StagedEntry] {
        var entries: [StagedEntry] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let term = raft.log.term(at: index)
            entries.append(
                raft.log.withEntry(at: index) { kind, bytes, payload in
                    StagedEntry(term: term, kind: kind, payload: Array(bytes[payload]))
                })
            index = index.next
        }
        return entries
    }

    /// The core's log as text, as in `1:- 1:a`.
    var log: String {
        entries(LogIndex(1)..<raft.log.lastIndex.next).map(\.description).joined(separator: " ")
    }
}
