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

    private func isReclaim(_ request: Node.DiskRequest?) -> Bool {
        if case .reclaim = request { true } else { false }
    }

    @Test func aFullDiskIsTriedAgainUntilItHasRoom() {
        var disk = DiskProgress(slow: .milliseconds(75))
        #expect(disk.retryDeadline == .never)
        _ = disk.request(WriteID(1), LogBatch(), at: start)
        let (done, _) = disk.complete(.written(WriteID(1), LogBatch()), isFull: true, at: start)
        #expect(done?.id == WriteID(1) && disk.isFull)
        let due = start + NodeLimits.diskRetry
        #expect(disk.retryDeadline == due)
        var request = disk.requestRetry(at: start)
        #expect(request == nil)
        request = disk.requestRetry(at: due)
        #expect(isReclaim(request) && disk.retryDeadline == .never, "it is under way")
        _ = disk.complete(.reclaimed, isFull: true, at: due)
        #expect(disk.retryDeadline == due + NodeLimits.diskRetry)
        request = disk.requestRetry(at: disk.retryDeadline)
        #expect(isReclaim(request))
        _ = disk.complete(.reclaimed, isFull: false, at: due)
        #expect(disk.isFull == false && disk.retryDeadline == .never)
    }

    @Test func aWriteThatWasRefusedWaitsForRoomAndNothingWaitsForIt() {
        var disk = DiskProgress(slow: .milliseconds(75))
        _ = disk.request(WriteID(1), LogBatch(), at: start)
        let refused = disk.complete(.refused(WriteID(1), LogBatch()), isFull: true, at: start)
        #expect(refused.done == nil && refused.next == nil && disk.isIdle)
        // Segments that go make room: it is tried at once.
        _ = disk.requestDrop(through: LogIndex(1), at: start)
        let dropped = disk.complete(
            .dropped(through: LogIndex(1), isDone: true), isFull: true, at: start)
        #expect(dropped.done == nil && dropped.next == nil && disk.retryDeadline == start)
        var request = disk.requestRetry(at: start)
        #expect(written(request) == WriteID(1))
        let (done, _) = disk.complete(.written(WriteID(1), LogBatch()), isFull: true, at: start)
        #expect(done?.id == WriteID(1))
        request = disk.requestRetry(at: disk.retryDeadline)
        #expect(isReclaim(request))
    }

    @Test func aStopDoesNotWaitForRoom() {
        var disk = DiskProgress(slow: .milliseconds(75), isFull: true)
        #expect(disk.retryDeadline == .origin, "a log that was opened without a reserve")
        _ = disk.request(WriteID(1), LogBatch(), at: start)
        _ = disk.complete(.refused(WriteID(1), LogBatch()), isFull: true, at: start)
        let request = disk.requestClose(commit: LogIndex(1), at: start)
        #expect(request != nil)
        let (done, next) = disk.complete(.closed, isFull: true, at: start)
        #expect(done == nil && next == nil && disk.isClosed)
        #expect(disk.retryDeadline == .never)
    }
}
