/// Wakes a loop that sleeps in its poller, from any thread.
///
/// Register `descriptor` as readable; when it is, `drain` first and then look what there is to do.
/// In that order no wake-up is lost.
public final class Wakeup: Sendable {
    private let pipe: Pipe

    /// A quiet wake-up; fails where no descriptors are left.
    public init() throws(Errno) {
        pipe = try Pipe()
    }

    /// What the poller watches.
    public var descriptor: Int32 { pipe.readingEnd }

    /// Makes the descriptor readable. A pipe too full to take one more byte wakes anyway.
    public func signal() {
        _ = try? ByteStream.write(pipe.writingEnd, [1], 0..<1)
    }

    /// Makes the descriptor quiet again, however often it was signalled.
    public func drain() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while case .bytes(bytes.count) = try? ByteStream.read(descriptor, into: &bytes, at: 0) {}
    }
}
