import Founding
import Primitives
import Raft
import WriteAheadLog

/// What the invariants see of a node after a step.
struct Observation: Equatable {
    var node: Int
    var life: Int
    var term: Term
    var vote: NodeID?
    var isLeader: Bool
    /// Whether the node campaigns or leads.
    var isActive: Bool
    var commit: LogIndex
    /// The last entry that is not in the log but in a snapshot.
    var base = EntryID.zero
    var applied: EntryID
    var value: Int64
    /// The index of the last change of the value.
    var lastChange: LogIndex

    var hardState: HardState { HardState(term: term, vote: vote) }

    /// Whether the node leads and did not lead this term before the step.
    func beganToLead(since before: Observation?) -> Bool {
        guard isLeader else { return false }
        guard let before else { return true }
        return !before.isLeader || before.term != term
    }
}

/// An entry that a node's engine has applied, and what came of it.
struct AppliedEntry {
    var node: Int
    var index: LogIndex
    var decision: Decision
    /// Whether the entry is the last change now.
    var tookEffect: Bool
    /// The engine's hash once the entry is applied.
    var hash: UInt64
}

/// A node as the invariants remember it, from the start of its present process on.
struct NodeView {
    var last: Observation?
    var log = LogShadow()
    /// Where the log changed with the last step.
    var changedFrom: LogIndex?
    /// What is on the node's disk for certain.
    var disk = DurableView()
    var isWiped = false
    /// Whether its directory was put back from an old copy.
    var isOldCopy = false
    /// What its disk has lost of what a leader counts on, as long as that leader must notice.
    var loss: LostEntriesAreNoticed.Loss?
    /// The newest start of its disk.
    var start: UInt64 = 0
    /// Whether it is a second process of another node, whose disk counts for nothing.
    var isCopy = false

    /// Whether its disk is not the one that others have counted on.
    var hasForgotten: Bool { isWiped || isOldCopy }
}

extension DurableView {
    /// What a log was found to hold when it was opened; the committed log holds its base.
    init(_ recovered: borrowing Recovered, _ committed: CommittedLog) {
        self.init(
            hardState: recovered.hardState, founding: recovered.founding,
            peerStarts: recovered.peerStarts)
        _ = log.follow(recovered.log, committed)
        snapshot = recovered.snapshot?.last ?? .zero
    }
}

/// What a node's disk holds for certain.
struct DurableView {
    var hardState = HardState.initial
    var log = LogShadow()
    var founding = FoundingState.newborn
    /// The newest start that it knows of each other node.
    var peerStarts: [PeerStart] = []
    /// From which index on a write that is under way replaces entries.
    var replacedFrom: LogIndex?
    /// The last entry of the newest snapshot, and of one that may have its name already.
    var snapshot = EntryID.zero
    var savedSnapshot = EntryID.zero

    /// Whether the disk holds all entries up to `index`, as the log with that hash has them, or a snapshot
    /// that stands for them.
    func holds(_ index: LogIndex, chain: UInt64?) -> Bool {
        index <= snapshot.index || index <= log.lastIndex && log.chain(at: index) == chain
    }

    /// A batch has been synced.
    mutating func take(_ batch: BatchReading, _ committed: CommittedLog) {
        replacedFrom = nil
        if let hardState = batch.hardState { self.hardState = hardState }
        if let founding = batch.founding { self.founding = founding }
        for seen in batch.peerStarts {
            peerStarts.removeAll { $0.node == seen.node && $0.disk == seen.disk }
            peerStarts.append(seen)
        }
        if let base = batch.base {
            log.truncate(after: log.lastIndex(agreeingWith: committed, atMost: base.index))
            log.adopt(committed, through: base.index)
        }
        guard let first = batch.firstIndex else { return }
        log.truncate(after: first.previous)
        for entry in batch.entries { log.append(entry.term, entry.payload) }
    }
}
