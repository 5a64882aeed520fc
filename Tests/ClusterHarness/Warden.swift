import Posix
import Synchronization

/// Sees to it that no node outlives the tests, however they end.
///
/// A shell reads from a pipe which processes and directories there are. The pipe ends with this
/// process, by a crash too; then the shell kills and removes what is left.
final class Warden: Sendable {
    static let shared = Warden()

    private struct Line: ~Copyable {
        var pipe: Pipe?
        var shell: ChildProcess?
    }

    private let line: Mutex<Line>

    private init() {
        // Word splitting does the lists; neither a pid nor our directories' names hold a blank.
        let script = """
            trap '' INT TERM HUP
            while read -r kind what; do
                case $kind in
                +) pids="$pids $what" ;;
                -) rest=; for pid in $pids; do [ "$pid" = "$what" ] || rest="$rest $pid"; done
                   pids=$rest ;;
                d) directories="$directories $what" ;;
                esac
            done
            for pid in $pids; do kill -KILL "$pid"; done
            [ -z "$directories" ] || rm -rf $directories
            """
        guard let pipe = try? Pipe(childsEnd: .reading),
            let shell = try? ChildProcess.spawn(
                executable: "/bin/sh", arguments: ["-c", script],
                input: .descriptor(pipe.readingEnd), output: .null, error: .null)
        else {
            line = Mutex(Line(pipe: nil, shell: nil))
            return
        }
        line = Mutex(Line(pipe: consume pipe, shell: shell))
    }

    func watch(process pid: Int32) { tell("+ \(pid)") }
    func forget(process pid: Int32) { tell("- \(pid)") }
    func watch(directory path: String) { tell("d \(path)") }

    private func tell(_ text: String) {
        line.withLock { line in
            guard let end = line.pipe?.writingEnd else { return }
            let bytes = Array("\(text)\n".utf8)
            _ = try? ByteStream.write(end, bytes, 0..<bytes.count)
        }
    }
}
