/// Why a peer's bytes are refused. Each of them ends the connection.
public enum WireFault: Error, Hashable, Sendable, CaseIterable {
    /// The frame says that it is longer than its kind allows.
    case badLength
    /// The frame is of a version that this node does not speak.
    case badVersion
    /// The bytes are not those that were sent.
    case badChecksum
    /// The frame's kind is unknown, or reserved bits are set.
    case badKind
    /// The body breaks the rules of its kind.
    case badBody
    /// Another frame than a greeting, before the greeting.
    case notIntroduced
}

extension WireFault: CustomStringConvertible {
    /// The fault in words, for the log.
    public var description: String {
        switch self {
        case .badLength: "a frame longer than allowed"
        case .badVersion: "a frame of an unknown version"
        case .badChecksum: "a frame with a wrong checksum"
        case .badKind: "a frame of an unknown kind"
        case .badBody: "a frame with a malformed body"
        case .notIntroduced: "another frame than a greeting, before the handshake"
        }
    }
}
