/// The most that a frame may hold, in bytes. See `docs/wire-format.md`.
public enum Limits {
    /// The body of the largest frame: AppendEntries with its entries.
    public static let body = 1 << 20

    /// What a frame has before its body.
    public static let header = Frame.headerLength

    /// The body of any other frame; the largest, a hello with nine voters, stays below 1,700.
    public static let smallBody = 2048

    /// The entries of one AppendEntries, spelt as `EntryBatch.bytes`.
    public static let entries = body - FrameEncoder.appendEntriesOverhead

    /// An advertised address.
    public static let address = 255

    /// The text of a refusal.
    public static let detail = 512

    /// Terms, indices and rounds are refused from here on, so that no sum of two overflows.
    static let number: UInt64 = 1 << 62
}
