import Founding
import Primitives
import Raft
import Wire

/// All invariants, and what they remember. Each looks only at what a step has changed, so that they
/// can be checked after every step of a long run.
struct Invariants {
    private(set) var views: [NodeView]
    private(set) var committed: CommittedLog

    private(set) var electionSafety = ElectionSafety()
    private let leadersAreElected = LeadersAreElected()
    private let leaderAppendOnly = LeaderAppendOnly()
    private var logMatching = LogMatching()
    private let leaderCompleteness = LeaderCompleteness()
    private let stateMachineSafety = StateMachineSafety()
    private let commitByOwnTerm = CommitByOwnTerm()
    private let committedIsDurable = CommittedIsDurable()
    private var readsAreNamedOnce = ReadsAreNamedOnce()
    private let nothingGoesBack = NothingGoesBack()
    private var oneVoteATerm = OneVoteATerm()
    private let promisesAreDurable = PromisesAreDurable()
    private let votesAreRemembered = VotesAreRemembered()
    private let nothingSyncedIsLost = NothingSyncedIsLost()
    private let wipedDisksStaySilent = WipedDisksStaySilent()
    private let oldCopiesStaySilent = OldCopiesStaySilent()
    private let lostEntriesAreNoticed = LostEntriesAreNoticed()
    private var foundingIsWhole = FoundingIsWhole()
    private var appliedOnce = AppliedOnce()
    private var stateHashAgrees = StateHashAgrees()
    private let snapshotEqualsLog: SnapshotEqualsLog
    private(set) var levelsAreShared = LevelsAreShared()
    /// The highest level that the programs of all nodes can do.
    var newestLevel = FeatureLevel.current

    init(nodes: Int, keys capacity: Int) {
        views = Array(repeating: NodeView(), count: nodes)
        committed = CommittedLog(keys: capacity)
        snapshotEqualsLog = SnapshotEqualsLog(keys: capacity)
    }

    /// There is a second process of a node, on a copy of its disk.
    mutating func addCopy() { views.append(NodeView(isCopy: true)) }

    /// A node's process has started from what its disk held.
    mutating func nodeStarted(
        _ node: Int, on disk: DiskID, _ start: UInt64, _ recovered: DurableView
    ) -> String? {
        if let fault = votesAreRemembered.check(
            recovered.hardState, after: views[node].disk.hardState, node: node)
        {
            return fault
        }
        if start <= views[node].start {
            return "Starts: n\(node + 1) counts start \(start) after \(views[node].start)"
        }
        if let fault = nothingSyncedIsLost.check(
            recovered, node: node, disk: views[node].disk, committed: committed)
        {
            return fault
        }
        views[node].last = nil
        views[node].log = LogShadow()
        views[node].disk = recovered
        views[node].start = start
        return foundingIsWhole.check(recovered.founding, disk: disk)
    }

    /// A node has no process any more.
    mutating func nodeStopped(_ node: Int) { views[node].last = nil }

    /// A node has lost its disk, which had been used.
    mutating func nodeWiped(_ node: Int) {
        views[node] = NodeView(isWiped: true)
    }

    /// A node's directory is an old copy of itself from now on.
    mutating func nodePutBack(_ node: Int) {
        views[node] = NodeView(isOldCopy: true)
    }

    /// A node's disk has lost entries, and holds that now; a leader may have counted on them.
    mutating func nodeLostEntries(
        _ node: Int, _ disk: DurableView, to loss: LostEntriesAreNoticed.Loss?
    ) {
        views[node].disk = disk
        views[node].loss = loss
    }

    /// A node introduces itself. In the words of an old program it does not say where its log ends, and
    /// whoever hears it can't notice.
    mutating func introduced(_ node: Int, as hello: Hello) {
        if hello.logEnd == nil { views[node].loss = nil }
    }

    /// A node has lost its disk before anything rested on it.
    mutating func nodeRenewed(_ node: Int) {
        views[node] = NodeView()
    }

    /// A node writes; it is not synced yet.
    mutating func writeBegan(_ node: Int, _ batch: BatchReading) {
        if let first = batch.base?.index.next ?? batch.firstIndex {
            views[node].disk.replacedFrom = first
        }
    }

    /// A snapshot is being saved, and may have its name; or it has it for certain.
    mutating func noteSnapshot(_ last: EntryID, node: Int, isDurable: Bool) {
        views[node].disk.savedSnapshot = last
        guard isDurable, last.index > views[node].disk.snapshot.index else { return }
        views[node].disk.snapshot = last
    }

    /// A node has a snapshot, its own or its leader's. Returns what is broken, if anything is.
    func checkSnapshot(_ snapshot: Snapshot, node: Int) -> String? {
        snapshotEqualsLog.check(snapshot, node: node, committed: committed)
    }

    /// Segments were dropped, and a second process has read what is left on the disk. Returns what is
    /// broken, if anything is.
    func segmentsDropped(
        _ node: Int, _ starts: UInt64, _ recovered: DurableView
    ) -> String? {
        PromisesSurviveCompaction.check(
            recovered, starts: starts, node: node, disk: views[node].disk,
            started: views[node].start, committed: committed)
    }

    /// What a node wrote is synced. Returns what is broken, if anything is.
    mutating func writeSynced(
        _ node: Int, on disk: DiskID, _ batch: BatchReading
    ) -> String? {
        let before = views[node].disk.hardState
        if let hardState = batch.hardState,
            let fault = votesAreRemembered.check(hardState, after: before, node: node)
        {
            return fault
        }
        views[node].disk.take(batch, committed)
        guard let founding = batch.founding else { return nil }
        return foundingIsWhole.check(founding, disk: disk)
    }

    /// Looks at a node at a point of a turn. Returns what is broken, if anything is.
    mutating func check(_ now: Observation, _ log: borrowing EntryLog) -> String? {
        let node = now.node
        // As at most points of most turns.
        if views[node].last == now, views[node].log.matchesEnd(of: log) {
            views[node].changedFrom = nil
            return nil
        }
        if let fault = BaseAgrees.check(log.base, node: node, committed: committed) { return fault }
        let before = views[node].last
        let lastIndexBefore = views[node].log.lastIndex
        let changedFrom = views[node].log.follow(log, committed)
        views[node].changedFrom = changedFrom
        views[node].last = now
        if let fault = nothingGoesBack.check(now, before: before) { return fault }
        if let fault = BaseAgrees.check(now, before: before) { return fault }
        if let fault = votesAreRemembered.check(
            now.hardState, after: before?.hardState ?? views[node].disk.hardState, node: node)
        {
            return fault
        }
        if changedFrom != nil {
            if let fault = leaderAppendOnly.check(
                now, before: before, changedFrom: changedFrom, lastIndexBefore: lastIndexBefore)
            {
                return fault
            }
            if let fault = logMatching.check(
                views[node].log, of: node, changedFrom: changedFrom)
            {
                return fault
            }
        }
        if let fault = electionSafety.check(now, before: before) { return fault }
        if let fault = leadersAreElected.check(
            now, before: before, votes: oneVoteATerm, nodes: views.count)
        {
            return fault
        }
        if let fault = leaderCompleteness.check(
            now, before: before, log: views[node].log, committed: committed)
        {
            return fault
        }
        if let fault = commitByOwnTerm.check(now, before: before, log: views[node].log) {
            return fault
        }
        if let fault = checkCommit(now, before: before) { return fault }
        if let fault = committedIsDurable.check(now, before: before, views: views) { return fault }
        if let fault = oldCopiesStaySilent.check(now, isOldCopy: views[node].isOldCopy) {
            return fault
        }
        return wipedDisksStaySilent.check(now, isWiped: views[node].isWiped)
    }

    /// A node has applied an entry. Returns what is broken, if anything is.
    mutating func applied(_ seen: AppliedEntry) -> String? {
        guard seen.index <= committed.lastIndex else {
            return """
                State Machine Safety: n\(seen.node + 1) applies \(seen.index.number), which is not \
                committed
                """
        }
        if let fault = stateMachineSafety.check(seen, committed: committed) { return fault }
        if seen.tookEffect, let fault = appliedOnce.check(seen, in: committed) { return fault }
        return stateHashAgrees.check(seen)
    }

    private mutating func checkCommit(_ now: Observation, before: Observation?) -> String? {
        let known = committed.lastIndex
        // Most steps change nothing of it.
        if let before, now.commit == before.commit, now.applied == before.applied,
            views[now.node].changedFrom.map({ $0 > before.commit }) ?? true
        {
            return nil
        }
        if let fault = stateMachineSafety.check(
            now, before: before, view: views[now.node], committed: &committed)
        {
            return fault
        }
        guard committed.lastIndex > known else { return nil }
        var index = known
        while index < committed.lastIndex {
            index = index.next
            if let fault = levelsAreShared.check(
                committed[index].payload, at: index, newest: newestLevel)
            {
                return fault
            }
        }
        return leaderCompleteness.check(
            committedIn: now.term, committed: committed, views: views)
    }

    /// Looks at what a node says. Returns what is broken, if anything is.
    mutating func check(
        _ message: Message, from node: Int, id: NodeID, to receiver: NodeID
    ) -> String? {
        guard let sender = views[node].last else { return nil }
        switch message {
        case .voteReply(let reply) where reply.granted:
            if let fault = oneVoteATerm.check(node: node, term: reply.term, candidate: receiver) {
                return fault
            }
        case .voteRequest(let request):
            if let fault = oneVoteATerm.check(node: node, term: request.term, candidate: id) {
                return fault
            }
        case .readIndexRequest(let request):
            if let fault = readsAreNamedOnce.check(request.id, from: node) { return fault }
        default: break
        }
        if let fault = lostEntriesAreNoticed.check(
            message, from: node, to: receiver, views[node].loss)
        {
            return fault
        }
        if let fault = promisesAreDurable.check(
            message, from: sender, id: id, to: receiver, log: views[node].log,
            disk: views[node].disk)
        {
            return fault
        }
        if let fault = oldCopiesStaySilent.check(
            message, from: node, isOldCopy: views[node].isOldCopy)
        {
            return fault
        }
        return wipedDisksStaySilent.check(message, from: node, isWiped: views[node].isWiped)
    }
}
