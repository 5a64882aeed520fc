/// What is given arbitrary bytes. Each target promises more than not to trap; what exactly, its
/// properties say.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Bytes on a client's connection.
    case requests
    /// Bytes on a peer's connection.
    case frames
    /// A node's directory.
    case log
    /// A config file.
    case config
    /// Datagrams and streams of the gossip.
    case gossip

    /// Lets the target take the bytes in, and throws what they showed to be broken.
    ///
    /// Returns whether the target accepted anything of them, so that a corpus can be held against
    /// the mistake of being refused at the door.
    @discardableResult
    public func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        switch self {
        case .requests: try RequestProperties.check(bytes)
        case .frames: try FrameProperties.check(bytes)
        case .log: try LogProperties.check(bytes)
        case .config: try ConfigurationProperties.check(bytes)
        case .gossip: try GossipProperties.check(bytes)
        }
    }
}

extension [UInt8] {
    /// The same number for the same bytes: where an input is cut in parts follows from the input.
    var seed: UInt64 {
        // FNV-1a, 64 bits.
        reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Whether all bytes are visible ASCII.
    var isVisible: Bool { allSatisfy { (0x21...0x7E).contains($0) } }
}
