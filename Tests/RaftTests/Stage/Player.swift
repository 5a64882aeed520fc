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
    /// Whether snapshots from the leader stay uninstalled until the test says so.
    var withholdsInstalls = false
    var uninstalled: Snapshot?
    /// The snapshots that were to be installed, in order.
    var installs: [Snapshot] = []
    var accepted: EntryID?
    var readsReady: [ReadReady] = []
    /// What it has noted for people, in order.
    var notices: [Raft.Notice] = []
    /// Every write asked for, in order.
    var writes: [StagedWrite] = []

    /// How its log is cut, and what it takes on a full disk.
    private let limits: SnapshotLimits

    init(
        _ id: NodeID, timing: Timing, seed: UInt64, disk: StagedDisk, bytesOnFullDisk: Int = 0
    ) {
        limits = SnapshotLimits(
            trailingEntries: 0, trailingBytes: 0, bytesInPiece: 16,
            bytesOnFullDisk: bytesOnFullDisk)
        self.id = id
        self.timing = timing
        self.seed = seed
        self.disk = disk
        raft = Player.boot(id, timing: timing, seed: seed, disk: disk, limits)
    }

    private static func boot(
        _ id: NodeID, timing: Timing, seed: UInt64, disk: StagedDisk, _ limits: SnapshotLimits
    ) -> Raft {
        let recovered = disk.recovered
        var log = EntryLog(base: recovered.base)
        for entry in recovered.entries {
            log.append(
                term: entry.term, kind: entry.kind, payload: 0..<entry.payload.count,
                of: entry.payload)
        }
        return Raft(
            id: id, timing: timing, seed: seed, hardState: disk.hardState, log: log,
            snapshot: disk.snapshot, commit: .zero,
            limits: limits)
    }

    /// Starts over from what the disk holds. A log that begins anew behind a snapshot does so on disk.
    func reboot() {
        (disk.base, disk.entries) = disk.recovered
        raft = Player.boot(id, timing: timing, seed: seed &+ 1_000, disk: disk, limits)
        isUp = true
        unsynced = nil
        uninstalled = nil
        accepted = nil
        readsReady = []
    }

    /// Puts a snapshot on disk; an older one than is there changes nothing.
    func keep(_ snapshot: Snapshot) {
        if snapshot.last.index > (disk.snapshot?.last.index ?? .zero) { disk.snapshot = snapshot }
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

    /// The core's log behind its base as text, as in `1:- 1:a`.
    var log: String {
        entries(raft.log.firstIndex..<raft.log.lastIndex.next).map(\.description).joined(
            separator: " ")
    }
}
