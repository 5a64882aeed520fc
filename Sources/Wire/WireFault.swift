/// Why a peer's bytes are refused. Each of them ends the connection.
public enum WireFault: Error, Hashable, Sendable, CaseIterable {
    /// The frame says that it is longer than its kind allows.
    case badLength
    /// The frame is of a version that was never spoken, or not any more.
    case badVersion
    /// The frame is of a version that only a newer program speaks.
    case newerVersion
    /// The bytes are not those that were sent.
    case badChecksum
    /// The frame's kind is unknown, or reserved bits are set.
    case badKind
    /// The body breaks the rules of its kind.
    case badBody
    /// AppendEntries brings entries of a kind that only a newer program knows.
    case newerEntries
    /// Another frame than a greeting, before the greeting.
    case notIntroduced
}

extension WireFault: CustomStringConvertible {
    /// The fault in words, for the log.
    public var description: String {
        switch self {
        case .badLength: "a frame longer than allowed"
        case .badVersion: "a frame of an unknown version"
        case .newerVersion:
            """
            a frame of a newer version than \(Frame.versions.upperBound), the newest that this version of \
            tally speaks
            """
        case .badChecksum: "a frame with a wrong checksum"
        case .badKind: "a frame of an unknown kind"
        case .badBody: "a frame with a malformed body"
        case .newerEntries: "entries of a kind that only a newer version of tally knows"
        case .notIntroduced: "another frame than a greeting, before the handshake"
        }
    }
}
