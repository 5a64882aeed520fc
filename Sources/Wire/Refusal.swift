/// Why a node will not go on with a peer.
public struct Refusal: Hashable, Sendable {
    /// What does not fit between the two.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// The clusters' names differ.
        case wrongCluster = 1
        /// The id is not among the voters.
        case stranger = 2
        /// The id is the refusing node's own.
        case ownID = 3
        /// The config files name other founding voters.
        case otherVoters = 4
        /// The founding record names another disk for this id.
        case otherDisk = 5
        /// The disk has pledged to another founding record, or begins with another backup.
        case otherRecord = 6
        /// Another process with this id and disk is connected, and answers.
        case duplicate = 7
        /// This id is connected already, with another disk.
        case twoDisks = 8
        /// The frame was of a version that the refusing node does not speak, or the program's feature
        /// levels and those of the cluster do not meet.
        case version = 9
        /// The disk is known to have had a start that the process knows nothing of: its directory was
        /// put back from an old copy.
        case oldCopy = 10
        /// The cluster's feature level is above the newest that the program can do. Said only to a
        /// program that has named its levels; others are told `version`.
        case oldVersion = 11
        /// The disk has lost entries that it acknowledged to the refusing node, the leader.
        case lostAcknowledgement = 12

        /// Whether bodies of version 2 know the reason.
        var isOfVersion2: Bool { self != .oldVersion && self != .lostAcknowledgement }
    }

    /// What does not fit.
    public var reason: Reason
    /// The same for people, identities named: at most 512 bytes of UTF-8 without control
    /// characters.
    public var detail: [UInt8]

    /// A refusal for that reason, whose text must obey the rule above to be sent.
    public init(reason: Reason, detail: [UInt8]) {
        self.reason = reason
        self.detail = detail
    }

    /// Whether the text obeys its rule. It is printed into a line of the log, so it must not be
    /// able to end that line or to speak to a terminal.
    var isWellFormed: Bool {
        guard detail.count <= Limits.detail, let text = String(validating: detail, as: UTF8.self)
        else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        }
    }
}
