import Founding
import Primitives
import Raft
import Wire

/// The cluster's feature level: who can do it, the entry that raises it, and what becomes of a program
/// that can't follow.
extension Replica {
    // MARK: Raising it

    /// A leader raises the cluster to the highest level that every voter can do. Each says so in the
    /// handshake of the connection that stands; one that is away holds the others up, since nobody knows
    /// with which program it comes back.
    ///
    /// An entry of the own term must be committed before, so that this server knows which level the
    /// log has; and one such entry is under way at a time.
    mutating func proposeLevel(at now: Instant, into effects: inout Effects) {
        let present = raft.log.level
        guard let levels = identity.levels, present < levels.upperBound, present == featureLevel,
            raft.role == .leader, !raft.isTransferring, !isStopping, !raft.isDiskFull,
            raft.log.term(at: raft.commit) == raft.term,
            let level = commonLevel(within: levels), level > present
        else { return }
        var proposal = Payloads()
        proposal.append(.featureLevel) { $0.append(contentsOf: level.payload) }
        stepRaft(.submitted(proposal), at: now, into: &effects)
    }

    /// The highest level that this program and those of all other voters can do; nil where there is
    /// none, or one of them has not said.
    func commonLevel(within levels: ClosedRange<FeatureLevel>) -> FeatureLevel? {
        var (oldest, newest) = (levels.lowerBound, levels.upperBound)
        for voter in voters where voter != identity.node {
            guard let link = links.first(where: { $0.establishedNode == voter }),
                let theirs = link.levels
            else { return nil }
            oldest = max(oldest, theirs.lowerBound)
            newest = min(newest, theirs.upperBound)
        }
        return oldest <= newest ? newest : nil
    }

    // MARK: Following it

    /// Notes the level of what is committed.
    mutating func noteLevel() {
        guard raft.log.level != featureLevel else { return }
        featureLevel = max(featureLevel, raft.log.level(at: raft.commit))
    }

    /// Once in a turn: connections to programs that can't do a level that was raised are over, and
    /// so is this process where it is the one that can't.
    mutating func enforceLevel(at now: Instant, into effects: inout Effects) {
        if raft.log.level > newestLevel { end(needing: raft.log.level, into: &effects) }
        guard enforcedLevel != featureLevel else { return }
        enforcedLevel = featureLevel
        effects.notices.append(.featureLevel(featureLevel))
        judgeLinksAgain(at: now, into: &effects)
    }

    /// The highest level that this program can do.
    var newestLevel: FeatureLevel { identity.levels?.upperBound ?? .initial }

    /// The log is one that only a newer program can follow.
    func end(needing level: FeatureLevel, into effects: inout Effects) {
        end("the log needs a version of tally with feature level \(level.number)", into: &effects)
    }

    private func end(_ need: String, into effects: inout Effects) {
        effects.end =
            effects.end
            ?? EndReason(
                text: """
                    \(need); this one has \(newestLevel.number). A cluster never goes back to a lower level: \
                    start this node with a version of tally that the other nodes run; its directory is \
                    whole.
                    """, exitCode: 65)
    }

    /// Nil where the cluster's level is one that the other node's program can do.
    func judgeLevels(_ hello: Hello) -> Verdict? {
        let levels = hello.levels ?? .initial ... .initial
        if levels.contains(featureLevel) { return nil }
        let text = """
            the cluster has feature level \(featureLevel.number), and the version of tally that \
            \(hello.node) runs can do \(levels.lowerBound.number) to \(levels.upperBound.number)
            """
        let isOlder = levels.upperBound < featureLevel && hello.levels != nil
        return refuse(isOlder ? .oldVersion : .version, text)
    }

    // MARK: Bytes of other versions

    /// What came over a connection is no frame that this program can read.
    mutating func takeFault(
        _ fault: WireFault, on id: LinkID, at now: Instant, into effects: inout Effects
    ) {
        guard let position = position(of: id) else { return }
        let link = links[position]
        switch fault {
        case .newerVersion where link.isStranger:
            effects.outbox.append((id, .refusal(Refusal(reason: .version, detail: spokenHere))))
        case .newerEntries:
            if let peer = link.foundedPeer, founding.isFounded, isRemembered(peer) {
                end(
                    "\(peer.node) sends entries that only a newer version of tally knows",
                    into: &effects)
            }
        default: break
        }
        close(id, at: now, into: &effects)
    }

    /// What this program speaks, for people who run a newer one.
    private var spokenHere: String {
        """
        \(identity.node) runs a version of tally that knows no such frames, and has feature level \
        \(newestLevel.number)
        """
    }
}

// A program from before the feature levels reads no greeting that names them, and closes. So a call that
// was closed before any answer is followed by one in the words of that time, and that one by a call that
// names levels again (docs/wire-format.md, "Versions side by side").
extension Replica {
    /// The number of a ping that says: you have called in the words of an older program; call again. It
    /// lies below all others, so that the answer to it settles no contest.
    static let callAgain: UInt64 = 0

    /// The first words of a call to that node; whether it must do without levels is noted, and the next
    /// one names them again.
    mutating func takePlainCall(to node: NodeID) -> Bool {
        guard identity.levels != nil, let position = plainCalls.firstIndex(of: node) else {
            return false
        }
        plainCalls.remove(at: position)
        // From the second level on nobody is left who does not know of them.
        return featureLevel == .initial
    }

    /// The other side has ended a connection.
    mutating func noteUnanswered(_ id: LinkID) {
        guard let position = position(of: id), let dialed = links[position].dialed,
            links[position].isGreeting, !links[position].isPlainCall, identity.levels != nil,
            // A program from before the levels can't found a cluster with a disk that was restored.
            identity.origin == nil, !plainCalls.contains(dialed)
        else { return }
        plainCalls.append(dialed)
    }
}
