import Primitives
import Raft

// A node's life, its disk and its log.

extension LogLine {
    static func serving(http: String, disk: String) -> LogLine {
        LogLine(
            level: .info, event: .serving, message: "serving on http \(http), disk \(disk)",
            fields: [.text("http", http), .text("disk", disk)])
    }

    static func stopping(cause: String) -> LogLine {
        LogLine(
            level: .info, event: .stopping, message: "stopping after \(cause)",
            fields: [.text("cause", cause)])
    }

    static let stopped = LogLine(level: .info, event: .stopped, message: "stopped")

    /// The end of a node whose disk did not answer in time.
    static let stoppedWithoutDisk = LogLine(
        level: .warning, event: .diskStalled,
        message: """
            the disk has not answered in time: ending without it; what was acknowledged is on a majority
            """, fields: [.text("reason", "stopping")], subject: "stopping")

    /// Why a node ends; nil after an orderly end.
    static func fatal(_ exit: NodeExit) -> LogLine? {
        exit.message.map {
            LogLine(
                level: .error, event: .fatal, message: $0, fields: [.number("exitCode", exit.code)])
        }
    }

    static func slowSync(_ length: Timespan, limit: Timespan) -> LogLine {
        LogLine(
            level: .warning, event: .slowSync,
            message: """
                a sync took \(length.wholeMilliseconds) ms, more than half of the lowest election timeout; \
                see "Timing on slow disks" in docs/operations.md
                """,
            fields: [.span("syncMilliseconds", length), .span("limitMilliseconds", limit)])
    }

    /// The disk is full, or has room again.
    static func diskFull(_ isFull: Bool) -> LogLine {
        isFull
            ? LogLine(
                level: .error, event: .diskFull,
                message: """
                    the disk is full: this node takes no writes, hands its leadership over and stands for \
                    no election; it goes on by itself when there is room
                    """, allowance: LogLine.change)
            : LogLine(
                level: .info, event: .diskHasRoom, message: "the disk has room again",
                allowance: LogLine.change)
    }

    /// What was cut off the log's end when it was opened.
    static func tornTail(_ text: String) -> LogLine {
        LogLine(level: .warning, event: .tornTail, message: text)
    }

    /// A snapshot is on disk.
    static func snapshot(_ snapshot: Snapshot, isFromLeader: Bool) -> LogLine {
        let index = snapshot.last.index.number
        return LogLine(
            level: .info, event: .snapshot,
            message: isFromLeader
                ? "installed the leader's snapshot through index \(index)"
                : "took a snapshot through index \(index)",
            fields: [.number("index", index), .number("bytes", snapshot.bytes.count)],
            allowance: LogLine.change)
    }

    /// The leader's snapshot is of no use here.
    static func snapshotRejected(_ last: EntryID, _ reason: String) -> LogLine {
        LogLine(
            level: .warning, event: .snapshot,
            message:
                "the leader's snapshot through index \(last.index.number) is refused: \(reason)",
            fields: [.number("index", last.index.number), .text("reason", reason)],
            subject: "rejected")
    }

    /// A snapshot in the directory was damaged; the log made up for it.
    static func snapshotSetAside(_ name: String) -> LogLine {
        LogLine(
            level: .warning, event: .snapshot,
            message: "a snapshot was damaged, and is kept as \(name): look after the disk",
            fields: [.text("file", name)], subject: name)
    }

    /// There is no space for a snapshot; the log grows until there is.
    static func snapshotOutOfSpace(_ error: String) -> LogLine {
        LogLine(
            level: .warning, event: .snapshot,
            message: "no space for a snapshot, the log is not cut: \(error)",
            fields: [.text("reason", error)], subject: "space")
    }

    /// The file with the others' addresses can't be read or written.
    static func addressBook(_ text: String) -> LogLine {
        LogLine(level: .warning, event: .addressBook, message: text)
    }

    /// More lines of an origin than a minute holds.
    static func linesLeftOut(_ count: Int, _ origin: Origin) -> LogLine {
        let about =
            switch origin {
            case .node: "this node"
            case .gossip: "the gossip"
            case .stranger: "strangers at its ports"
            }
        return LogLine(
            level: .warning, event: .linesLeftOut,
            message: "\(count) more lines about \(about) were left out in this minute",
            fields: [.text("about", about), .number("lines", count)])
    }
}
