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

/// Processes whose parents are gone: the first process of a container or a machine inherits them,
/// and each keeps its place in the table of processes until it is reaped.
public enum Orphans {
    /// Whether they become this process's children.
    public static var areOurs: Bool { getpid() == 1 }

    /// Reaps all that have ended, where they are this process's.
    ///
    /// A child of this process's own is left to whoever waits for its exit status: those behind it are
    /// reaped by the next call, which the signal of its end asks for, too.
    ///
    /// - Parameter isOwn: whether this process has started the one of that number itself.
    public static func reap(except isOwn: (Int32) -> Bool = { _ in false }) {
        #if os(Linux)
            guard areOurs else { return }
            while true {
                let ended = linux_ended_child()
                guard ended > 0, !isOwn(ended) else { return }
                // Its status is not wanted.
                _ = waitpid(ended, nil, WNOHANG)
            }
        #endif
    }
}
