/// A number that stands for a cluster's founding record. Two clusters of one name have different
/// ones, so that what one of them says is foreign to the other.
public struct FoundingDigest: Hashable, Sendable {
    /// The number; the host makes it from the record, the same at every node.
    public let number: UInt64

    /// The digest of that number.
    public init(_ number: UInt64) { self.number = number }
}
