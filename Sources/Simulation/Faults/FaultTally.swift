/// How often each kind of fault struck.
struct FaultTally {
    private var strikes = Array(repeating: 0, count: FaultKind.allCases.count)
    var lost = 0
    var doubled = 0
    var late = 0
    var cutOff = 0
    var slowSyncs = 0
    var diedInWrite = 0
    var refusedLogs = 0
    var cutStreams = 0
    var fullBuffers = 0
    var callsToNobody = 0
    var failedLookUps = 0
    var stoppedWithoutDisk = 0
    var ownSnapshots = 0
    var installedSnapshots = 0
    var snapshotsWithoutRoom = 0
    var drops = 0
    var unreadFrames = 0

    mutating func count(_ kind: FaultKind) {
        guard let position = FaultKind.allCases.firstIndex(of: kind) else { return }
        strikes[position] += 1
    }

    /// Names and counts, always in the same order.
    var rows: [(name: String, count: Int)] {
        let kinds = zip(FaultKind.allCases, strikes).map { (name: $0.rawValue, count: $1) }
        return kinds + [
            ("messageLost", lost), ("messageDoubled", doubled), ("messageLate", late),
            ("messageCutOff", cutOff), ("slowSync", slowSyncs), ("diedInWrite", diedInWrite),
            ("refusedLog", refusedLogs), ("streamCut", cutStreams), ("bufferFull", fullBuffers),
            ("callToNobody", callsToNobody), ("lookUpFailed", failedLookUps),
            ("stoppedWithoutDisk", stoppedWithoutDisk), ("ownSnapshot", ownSnapshots),
            ("installedSnapshot", installedSnapshots),
            ("snapshotWithoutRoom", snapshotsWithoutRoom), ("segmentsDropped", drops),
            ("unreadFrame", unreadFrames),
        ]
    }
}
