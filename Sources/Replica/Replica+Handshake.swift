import Founding
import Primitives
import Raft
import Wire

/// What to do with a node that has introduced itself.
enum Verdict {
    /// It is let in.
    case accept
    /// It is refused, and told why.
    case refuse(Refusal)
    /// This node is the one that does not belong: it must end after that time.
    case end(Replica.EndReason, after: Timespan = .zero)
}

/// Who belongs to the cluster, and who has lost what it promised.
extension Replica {
    /// Judges another node by its greeting.
    func judge(_ hello: Hello, dialed: NodeID?) -> Verdict {
        if hello.cluster != identity.cluster {
            return refuse(
                .wrongCluster,
                "this is cluster \(text(identity.cluster)), not \(text(hello.cluster))")
        }
        if let record = hello.founding.record, record.cluster != identity.cluster {
            return refuse(.wrongCluster, "its record is of cluster \(text(record.cluster))")
        }
        if hello.node == identity.node {
            return refuse(.ownID, "this is \(identity.node) itself, disk \(identity.disk)")
        }
        if let dialed, dialed != hello.node {
            return refuse(.stranger, "\(dialed) was called, \(hello.node) answered")
        }
        // An unknown node's record can make this node end only if it names this node.
        let knowsThisNode = hello.founding.record?.disk(of: identity.node) != nil
        if !voters.contains(hello.node), !knowsThisNode {
            return refuse(.stranger, "\(hello.node) is none of the voters \(list(voters))")
        }
        if let verdict = judgeStarts(hello) ?? judgeRecords(hello) ?? judgeOrigins(hello) {
            return verdict
        }
        if hello.founding.record == nil, hello.voters != voters {
            return refuse(
                .otherVoters,
                "the founding voters here are \(list(voters)), its file says \(list(hello.voters))")
        }
        return judgeLevels(hello) ?? .accept
    }

    /// Compares what both disks have written down. Nil if they do not contradict each other.
    private func judgeRecords(_ hello: Hello) -> Verdict? {
        switch (founding.record, hello.founding.record) {
        case (nil, nil):
            return nil
        case (nil, let theirs?):
            return judgeOwnBlankDisk(by: theirs, of: hello)
        case (let mine?, nil):
            return judgePeersBlankDisk(hello, by: mine)
        case (let mine?, let theirs?):
            if mine == theirs {
                if mine.disk(of: hello.node) == hello.disk { return nil }
                return refuse(.otherDisk, "its record does not name its own disk \(hello.disk)")
            }
            if case .founded = founding {
                return refuse(.otherRecord, "this cluster was founded with \(describe(mine))")
            }
            if let disk = theirs.disk(of: identity.node), disk != identity.disk {
                return .end(lostDisk(theirs, known: disk, by: hello.node))
            }
            // Neither can be founded any more: the other one must hear of it, too.
            return .end(twoRecords(mine, theirs, hello.node), after: ReplicaLimits.endDelay)
        }
    }

    /// Compares what both disks were restored from: a node that begins with another state than the others
    /// must not found a cluster with them. Nil if it is the same backup, or none.
    private func judgeOrigins(_ hello: Hello) -> Verdict? {
        if let record = founding.record, hello.founding.record == nil,
            record.disk(of: hello.node) == nil
        {
            // It comes later, and gets its state from the others.
            return nil
        }
        let mine = founding.record.map(\.origin) ?? identity.origin
        let theirs = hello.founding.record.map(\.origin) ?? hello.origin
        guard mine != theirs else { return nil }
        return refuse(
            .otherRecord,
            """
            \(identity.node) \(restored(from: mine)), \(hello.node) \(restored(from: theirs)): all \
            nodes of a cluster are restored from one backup, or none is
            """)
    }

    private func restored(from origin: UInt64?) -> String {
        origin.map { "was restored from the backup \($0.padded(to: 16, radix: 16))" }
            ?? "was not restored from a backup"
    }

    /// This disk is blank, and the other's record says who it should be.
    private func judgeOwnBlankDisk(by record: FoundingRecord, of hello: Hello) -> Verdict? {
        if let origin = identity.origin, record.origin != origin {
            // A disk that was restored has pledged nothing to any cluster before.
            return refuse(
                .otherRecord,
                """
                \(hello.node) runs another cluster, \(text(record.cluster)), than the one that \
                \(identity.node) was restored for: stop it, and restore its directory from the same file
                """)
        }
        guard record.disk(of: hello.node) == hello.disk else {
            return refuse(.otherDisk, "its record does not name its own disk \(hello.disk)")
        }
        guard let disk = record.disk(of: identity.node) else {
            return .end(
                EndReason(
                    text: """
                        \(hello.node) belongs to the founded cluster \(text(record.cluster)) with the \
                        voters \(list(record.voters)); \(identity.node) is none of them, though this \
                        node's config file says \(list(identity.founders)). Correct the file, or ask \
                        for a new node id to be added to the cluster.
                        """))
        }
        guard disk == identity.disk else {
            return .end(lostDisk(record, known: disk, by: hello.node))
        }
        guard record.voters == identity.founders else {
            return refuse(
                .otherVoters,
                "the file of \(identity.node) says \(list(identity.founders)), not \(describe(record))"
            )
        }
        return nil
    }

    /// The other disk is blank, and this one's record says who it should be.
    private func judgePeersBlankDisk(_ hello: Hello, by record: FoundingRecord) -> Verdict? {
        guard let disk = record.disk(of: hello.node) else { return nil }
        if disk != hello.disk {
            return refuse(
                .otherDisk, "\(hello.node) was founded with disk \(disk), it has \(hello.disk)")
        }
        if case .founded = founding {
            return refuse(.otherDisk, "\(hello.node) has forgotten what its disk pledged")
        }
        return nil
    }

    private func lostDisk(_ record: FoundingRecord, known: DiskID, by peer: NodeID) -> EndReason {
        EndReason(
            text: """
                this is \(identity.node) with disk \(identity.disk), but \(peer) knows \
                \(identity.node) of cluster \(text(record.cluster)) with disk \(known): the data \
                directory was replaced or emptied, and with it went what this node had promised. It \
                must not vote again under this name. If the old directory still exists, put it back \
                and start again. If a majority of the others still has its directories, they go on \
                without this node. If the cluster was never founded, or is given up: stop all its \
                nodes, remove all their directories, and start again from nothing.
                """)
    }

    private func twoRecords(
        _ mine: FoundingRecord, _ theirs: FoundingRecord, _ peer: NodeID
    ) -> EndReason {
        EndReason(
            text: """
                this node has pledged to \(describe(mine)), \(peer) to \(describe(theirs)): neither \
                can be founded any more. No write was ever accepted, so it is safe to stop all nodes, \
                remove their data directories, and start again.
                """)
    }

    func refuse(_ reason: Refusal.Reason, _ detail: String) -> Verdict {
        .refuse(Refusal(reason: reason, detail: detail))
    }

    private func list(_ nodes: [NodeID]) -> String {
        nodes.map(\.description).joined(separator: ", ")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func describe(_ record: FoundingRecord) -> String {
        let members = record.members.map { "\($0.node) on disk \($0.disk)" }
        return "\(text(record.cluster)) of \(members.joined(separator: ", "))"
    }
}

extension Refusal {
    /// A refusal with a text for people, cut to what a frame holds.
    init(reason: Reason, detail: String) {
        self.init(reason: reason, detail: Array(detail.utf8.prefix(512)))
    }
}

extension Replica.EndReason {
    /// The end of a node that others refuse.
    init(refusal: Refusal, text: String) {
        switch refusal.reason {
        case .duplicate:
            self.text =
                text + ". Stop that process first, or give this node a directory of its own."
        case .oldCopy:
            self.text =
                text + """
                    . The data directory was put back from an old copy, and has forgotten what this node \
                    promised since: it must not vote again. If the newest directory still exists, put \
                    that one back and start again; it is safe. If it is lost, leave this node out: the \
                    others go on without it as long as a majority of the voters has its directories.
                    """
        case .oldVersion:
            exitCode = 65
            self.text =
                text + """
                    . A cluster never goes back to a lower level: start this node with a version of tally \
                    that the other nodes run; its directory is whole.
                    """
        case .lostAcknowledgement:
            exitCode = 65
            self.text =
                text + """
                    . The others counted on what this disk had acknowledged, and what was synced to it is gone: \
                    the end of its log was damaged, its writes never reached it, or the directory was put \
                    back from an old copy. Look after the disk, and leave this node out: with an empty \
                    directory the others refuse it, too. They go on without it as long as a majority of the \
                    voters has its directories.
                    """
        default:
            self.text =
                text + """
                    . Two data directories claim the same node id. The cluster is not founded yet, so \
                    it is safe to stop all nodes, remove their data directories, and start again.
                    """
        }
    }
}
