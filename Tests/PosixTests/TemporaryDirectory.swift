import Posix
import Testing

/// A directory of one test, gone with everything in it when the test lets go.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        path = "/tmp/tally-posix-\(String(Entropy.uint64(), radix: 16))"
        try FileSystem.createDirectory(path)
    }

    deinit { TemporaryDirectory.empty(path) }

    private static func empty(_ path: String) {
        for name in (try? FileSystem.names(in: path)) ?? [] {
            let inner = "\(path)/\(name)"
            if (try? FileSystem.remove(inner)) == nil { empty(inner) }
        }
        try? FileSystem.removeDirectory(path)
    }
}
