/// Who sends frames on a connection, as far as its handshake has come. Before it is done one greeting
/// is all that is read.
public enum Speaker: Hashable, Sendable {
    /// The caller, which has not introduced itself yet: only a hello is read.
    case caller
    /// The called node, which has not answered yet: only a welcome or a refusal is read.
    case called
    /// It has said who it is, and that was accepted.
    case introduced

    /// The most bytes of a body that it may send.
    public var largestBody: Int { self == .introduced ? Limits.body : Limits.smallBody }

    func maySend(_ kind: FrameKind) -> Bool {
        switch self {
        case .caller: kind == .hello
        case .called: kind == .welcome || kind == .refusal
        case .introduced: true
        }
    }
}
