import Primitives
import Raft
import Testing
import WriteAheadLog

@testable import Node

@Suite struct DiskProgressTests {
    private let start = Instant.origin + .milliseconds(1_000)

    private func written(_ request: Node.DiskRequest?) -> WriteID? {
        if case .write(let id, _) = request { id } else { nil }
    }

    private func marked(_ request: Node.DiskRequest?) -> LogIndex? {
        if case .mark(let commit) = request { commit } else { nil }
    }

    @Test func aMarkComesOnceTheDiskHasBeenIdleForAMoment() {
        var disk = DiskProgress(slow: .milliseconds(75))
        var request = disk.requestMark(commit: LogIndex(3), durable: LogIndex(2), at: start)
        #expect(request == nil && disk.markDue == start + NodeLimits.markDelay)
        request = disk.requestMark(commit: LogIndex(3), durable: LogIndex(2), at: disk.markDue)
        // Never beyond what is durable here.
        #expect(marked(request) == LogIndex(2) && disk.isIdle == false)
        let (done, next) = disk.complete(.marked(commit: LogIndex(2)), at: start)
        #expect(done == nil && next == nil && disk.isIdle)
        request = disk.requestMark(commit: LogIndex(3), durable: LogIndex(2), at: start)
        #expect(request == nil && disk.markDue == .never)
        request = disk.requestMark(commit: LogIndex(3), durable: LogIndex(3), at: start)
        #expect(request == nil && disk.markDue != .never)
    }

    @Test func aWriteCallsTheMarkOffAndIsFollowedByAnother() {
        var disk = DiskProgress(slow: .milliseconds(75))
        _ = disk.requestMark(commit: LogIndex(1), durable: LogIndex(1), at: start)
        var request = disk.request(WriteID(1), LogBatch(), at: start)
        #expect(written(request) == WriteID(1) && disk.markDue == .never)
        request = disk.requestMark(commit: LogIndex(1), durable: LogIndex(1), at: .never)
        #expect(request == nil)
        let later = start + .milliseconds(80)
        let (done, _) = disk.complete(.written(WriteID(1), LogBatch()), at: later)
        #expect(done?.id == WriteID(1) && done?.span == .milliseconds(80))
        // The same commit index is news again: a batch has followed the mark.
        request = disk.requestMark(commit: LogIndex(1), durable: LogIndex(1), at: later)
        #expect(disk.markDue == later + NodeLimits.markDelay)
    }

    @Test func aWriteWaitsForAMark() {
        var disk = DiskProgress(slow: .milliseconds(75))
        _ = disk.requestMark(commit: LogIndex(1), durable: LogIndex(1), at: start)
        _ = disk.requestMark(commit: LogIndex(1), durable: LogIndex(1), at: disk.markDue)
        let request = disk.request(WriteID(9), LogBatch(), at: start)
        #expect(request == nil)
        let (done, next) = disk.complete(.marked(commit: LogIndex(1)), at: start)
        #expect(done == nil && written(next) == WriteID(9))
    }

    @Test func nothingComesAfterTheClose() {
        var disk = DiskProgress(slow: .milliseconds(75))
        let request = disk.requestClose(commit: LogIndex(1), at: start)
        #expect(request != nil)
        _ = disk.complete(.closed, at: start)
        #expect(disk.isClosed)
        let again = disk.requestClose(commit: LogIndex(1), at: start)
        let mark = disk.requestMark(commit: LogIndex(2), durable: LogIndex(2), at: .never)
        #expect(again == nil && mark == nil)
    }
}
