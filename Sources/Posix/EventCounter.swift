#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

#if os(Linux)
    internal import CLinux
#endif

import Primitives

/// A descriptor that one thread makes readable and another makes quiet again: an eventfd on Linux, a
/// pipe elsewhere. Many signals in a row are one.
struct EventCounter: ~Copyable, Sendable {
    #if os(Linux)
        private let counter: FileDescriptor
    #else
        private let pipe: Pipe
        private let readerWaits: Bool
    #endif

    /// A quiet counter; fails where no descriptors are left.
    ///
    /// - Parameter readerWaits: Whether `take` sleeps until there is a signal, instead of giving back
    ///   that there is none.
    init(readerWaits: Bool) throws(Errno) {
        #if os(Linux)
            let flags = linux_efd_cloexec | (readerWaits ? 0 : linux_efd_nonblock)
            counter = FileDescriptor(adopting: try retrying { eventfd(0, flags) })
        #else
            pipe = try Pipe(childsEnd: readerWaits ? .reading : nil)
            self.readerWaits = readerWaits
        #endif
    }

    /// Readable while there is a signal that was not taken.
    var descriptor: Int32 {
        #if os(Linux)
            counter.rawValue
        #else
            pipe.readingEnd
        #endif
    }

    /// Makes the descriptor readable.
    func signal() {
        #if os(Linux)
            // eventfd(2): eight bytes are added to the counter, whose end is out of reach.
            var one: UInt64 = 1
            let number = descriptor
            _ = try? retrying { unsafe write(number, &one, 8) }
        #else
            // A pipe too full to take one more byte is readable anyway.
            _ = try? ByteStream.write(pipe.writingEnd, [1], 0..<1)
        #endif
    }

    /// Sleeps until there is a signal, that long at most, below a second; not at all where the system
    /// has no clock that is fine enough.
    func wait(atMost span: Timespan) {
        #if os(Linux)
            linux_wait_until_readable(descriptor, Int(span.nanoseconds))
        #endif
    }

    /// Makes the descriptor quiet again, however often it was signalled.
    func take() {
        #if os(Linux)
            var count: UInt64 = 0
            let number = descriptor
            _ = try? retrying { unsafe read(number, &count, 8) }
        #else
            var bytes = [UInt8](repeating: 0, count: 512)
            while case .bytes(bytes.count) = try? ByteStream.read(
                pipe.readingEnd, into: &bytes, at: 0), !readerWaits
            {}
        #endif
    }
}
