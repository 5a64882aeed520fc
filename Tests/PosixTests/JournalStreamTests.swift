import Testing

@testable import Posix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether a descriptor is the one that the environment names.
@Suite struct JournalStreamTests {
    @Test func deviceAndInodeMustBeThose() throws {
        var status = stat()
        #expect(fstat(2, &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalStream.names(descriptor: 2, own))
        for other in [
            "", ":", "1", "0:0", own + "0", "\(status.st_dev):\(status.st_ino &+ 1)", "x:y",
        ] {
            #expect(!JournalStream.names(descriptor: 2, other), "\(other)")
        }
        #expect(!JournalStream.names(descriptor: 987_654, own))
    }
}
