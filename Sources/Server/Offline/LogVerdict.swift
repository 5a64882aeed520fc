/// What a log amounts to, once all of it was walked over.
public struct LogVerdict: Hashable, Sendable {
    /// The index of the first entry that is there, and of the last; nil where there is none.
    public let entries: ClosedRange<UInt64>?
    /// Through which entry the directory knows the log committed.
    public let commit: UInt64
    /// The value there, nil where it is not known.
    public let committedValue: Int64?
    /// How many segments there are.
    public let segments: Int
    /// The last indices of the snapshots that can be read, oldest first.
    public let snapshots: [UInt64]
    /// What is no damage and worth knowing, a sentence each.
    public let notes: [String]
    /// What is damaged or can't be read, a sentence each.
    public let faults: [String]
}
