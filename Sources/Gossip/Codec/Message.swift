import Primitives

/// What one member says to another.
enum Message: Hashable, Sendable {
    /// Are you there, and are you that member?
    case ping(number: UInt64, target: NodeID, rumours: [Rumour])
    /// That member is there.
    case ack(number: UInt64, subject: NodeID, rumours: [Rumour])
    /// Ask that member whether it is there.
    case pingRequest(number: UInt64, target: NodeID, rumours: [Rumour])
    /// I am well, and it did not answer me.
    case nack(number: UInt64)
    /// All that I know; tell me what you know.
    case state([Entry])
    /// All that I know, as you asked.
    case stateAnswer([Entry])

    /// One member in a full state.
    struct Entry: Hashable, Sendable {
        /// The member that it describes.
        var id: NodeID
        /// How the sender holds it to be.
        var versionedState: VersionedState
        /// What it says of itself.
        var metadata: Metadata
    }
}

/// A message and who sent it.
struct Envelope: Hashable, Sendable {
    /// The sender's cluster.
    var cluster: [UInt8]
    /// Of the founding record; nil where the sender does not know the cluster to be founded.
    var digest: FoundingDigest?
    /// Who sent it.
    var sender: NodeID
    /// What it says.
    var message: Message
}

/// The numbers of the messages on the wire, and how they may come.
enum MessageKind: UInt8, CaseIterable {
    case ping = 1
    case ack = 2
    case pingRequest = 3
    case nack = 4
    case state = 5
    case stateAnswer = 6

    /// How a message comes.
    enum Way: CaseIterable {
        case datagram
        /// On a stream, from whoever opened it.
        case question
        /// On a stream, to whoever opened it.
        case answer
    }

    /// Whether this kind may come that way.
    func comes(by way: Way) -> Bool {
        switch way {
        case .datagram: self != .state && self != .stateAnswer
        case .question: self == .ping || self == .state
        case .answer: self == .ack || self == .stateAnswer
        }
    }
}

/// Why a message was dropped before it was believed.
enum MessageFault: Error {
    case malformed
    case oversized
}
