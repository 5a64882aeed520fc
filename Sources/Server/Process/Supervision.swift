import Posix

/// The bond with `tally cluster`: the node ends when its standard input does, and says on its
/// standard output when it begins to lead.
struct Supervision {
    /// The descriptor whose end means that the supervisor is gone.
    let lifeline: Int32 = 0

    /// Whether the supervisor is gone.
    func hasEnded() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        guard let result = try? ByteStream.read(lifeline, into: &bytes, at: 0) else { return true }
        return result == .end
    }

    /// Tells the supervisor something; a supervisor that does not listen misses it.
    func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = try? ByteStream.write(1, bytes, 0..<bytes.count)
    }
}
