import Founding
import Primitives
import Raft
import Wire

/// The founding of the cluster, in two steps, so that no promise exists anywhere before every disk
/// remembers all others.
///
/// 1. A newborn that is connected at once to every founding voter, all unfounded and each under one
///    disk, pledges itself to the record of all these disks. It may also pledge to a peer's record.
/// 2. A pledged node that knows every disk in the record to have pledged to it is founded.
///
/// Two records that share a disk can't both be completed, since a disk pledges once.
extension Replica {
    /// Takes the next step of the founding where its condition holds and no write is in progress.
    mutating func advanceFounding() {
        guard outstanding == nil, wantedFounding == nil else { return }
        switch founding {
        case .newborn:
            if let record = recordToPledge() { wantedFounding = .pledged(record) }
        case .pledged(let record):
            let others = record.voters.filter { $0 != identity.node }
            if others.allSatisfy({ knownPledges.contains($0) }) {
                wantedFounding = .founded(record)
                noteStarts()
            }
        case .founded:
            break
        }
    }

    private func recordToPledge() -> FoundingRecord? {
        // A node that joins later is no founder, and pledges to nothing.
        guard identity.founders.contains(identity.node) else { return nil }
        for link in links {
            // Only records that name this disk and these voters pass `judge`.
            if let record = link.peer?.founding.record { return record }
        }
        var members = [FoundingRecord.Member(node: identity.node, disk: identity.disk)]
        for founder in identity.founders where founder != identity.node {
            guard let peer = establishedLink(with: founder) else { return nil }
            members.append(FoundingRecord.Member(node: founder, disk: peer.disk))
        }
        // A contested connection is a second claim to a node's place.
        guard earliestContestDeadline == nil else { return nil }
        return FoundingRecord(
            cluster: identity.cluster, members: members, origin: identity.origin)
    }

    /// Remembers what a peer's disk is known to have written, if it is the record that this disk has
    /// pledged to, too. One that is founded knows that every disk of the record has pledged.
    mutating func notePledge(of node: NodeID, _ state: FoundingState) {
        guard let theirs = state.record, theirs == founding.record else { return }
        var pledged = [node]
        if case .founded(let record) = state { pledged = record.voters }
        for voter in pledged where !knownPledges.contains(voter) { knownPledges.append(voter) }
    }

    /// A pledge or the founding is on disk.
    mutating func enter(
        _ state: FoundingState, at now: Instant, into effects: inout Effects
    ) {
        founding = state
        switch state {
        case .newborn:
            preconditionFailure("a disk is never newborn again")
        case .pledged:
            effects.notices.append(.pledged)
            judgeLinksAgain(at: now, into: &effects)
            for link in links {
                if let peer = link.peer { notePledge(of: peer.node, peer.founding) }
            }
        case .founded(let record):
            effects.notices.append(.founded)
            noteStarts()
            stepRaft(.configured(voters: record.voters), at: now, into: &effects)
        }
        announceFounding(at: now, into: &effects)
    }

    /// The founding voters that this node waits for: those it is not connected to, or that have not
    /// pledged; none once the cluster is founded.
    public var waitingFor: [NodeID] {
        if case .founded = founding { return [] }
        let others = voters.filter { $0 != identity.node }
        let absent = others.filter { establishedLink(with: $0) == nil }
        if case .pledged = founding { return others.filter { !knownPledges.contains($0) } }
        return absent
    }
}
