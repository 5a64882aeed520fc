import Posix

/// The process's own environment, without Foundation.
enum Environment {
    /// Whether it says exactly `NAME=VALUE`.
    static func has(_ assignment: String) -> Bool {
        let environment = try? FileSystem.contents(of: "/proc/self/environ", limit: 1 << 20)
        return (environment ?? []).split(separator: 0).contains(Array(assignment.utf8)[...])
    }
}
