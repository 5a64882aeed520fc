import Raft

extension WriteAheadLog where Storage: ~Copyable {
    /// Makes sure that synced zeros reach from the tail to the offset `end` of the segment.
    ///
    /// The sync has its price, but then a batch's own sync never has to make room.
    mutating func extendZeros(through end: Int) throws(LogFault) {
        guard end > segment.zeroedThrough else { return }
        let step = limits.preallocationBytes
        let target = (end + step - 1) / step * step
        do throws(DiskError) {
            var offset = segment.zeroedThrough
            while offset < target {
                let count = min(zeros.count, target - offset)
                try disk.write(zeros, 0..<count, to: segment.file, at: offset)
                offset += count
            }
            try disk.sync(segment.file)
        } catch {
            throw refused(error)
        }
        segment.zeroedThrough = target
    }

    /// Makes sure that a batch of `count` bytes, and a mark and a seal behind it, go into zeros that are
    /// there. Where space can't be had it is taken from the reserve.
    mutating func makeRoom(for count: Int) throws(LogFault) {
        do throws(LogFault) {
            try takeRoom(for: count)
        } catch {
            guard case .noSpace = error, !isFull else { throw error }
            try giveReserveBack()
            try takeRoom(for: count)
        }
    }

    private mutating func takeRoom(for count: Int) throws(LogFault) {
        let needed = count + Self.room
        if segment.tail + needed > limits.segmentBytes, segment.tail > segment.headEnd {
            try roll()
        }
        try extendZeros(through: segment.tail + needed)
    }

    /// Gives the reserve's space back, if that has not been done: from now on the disk counts as full.
    public mutating func giveReserveBack() throws(LogFault) {
        try refuseAfterFailure()
        guard !isFull else { return }
        isFull = true
        do throws(DiskError) {
            try Reserve.remove(from: &disk)
        } catch {
            throw refused(error)
        }
    }

    /// Makes the reserve where there is none, in a log that has just begun or whose disk was full, and
    /// there is room for it and, before, for another step of zeros: a disk that is full but for a few
    /// bytes stays so. `isFull` says what came of it.
    public mutating func reclaim() throws(LogFault) {
        try refuseAfterFailure()
        guard isFull else { return }
        do throws(LogFault) {
            try extendZeros(through: segment.tail + Self.room + limits.preallocationBytes)
        } catch {
            guard case .noSpace = error else { throw error }
            return
        }
        do throws(DiskError) {
            try Reserve.make(bytes: limits.reserveBytes, on: &disk)
            isFull = false
        } catch {
            guard error.kind == .noSpace else { throw fail(error) }
        }
    }

    /// Goes on in a new segment: the successor and its name first, then the seal that names it.
    mutating func roll() throws(LogFault) {
        if durablePosition < position {
            // A mark. Were it lost while the seal is not, the seal would look like proof of damage.
            do throws(DiskError) {
                try disk.sync(segment.file)
            } catch {
                throw fail(error)
            }
            durablePosition = position
        }
        let next = SegmentHeader(
            number: segment.number + 1, start: position + RecordHeader.size, disk: identity.disk)
        try extendZeros(through: segment.tail + RecordHeader.size)
        var successor: Segment
        do throws(DiskError) {
            successor = try Segment.create(
                next, head: head.isWritten ? head : nil, durable: durablePosition, on: &disk,
                limits: limits)
        } catch {
            // What is left of it is no part of the log until a seal names it; the next try, or
            // recovery, clears it away. Were its name back after a power cut, its head would prove what
            // is written over by the next mark.
            try? disk.remove(SegmentHeader.fileName(next.number))
            try? disk.syncDirectory()
            throw refused(error)
        }
        var seal = LogBatch(capacity: RecordHeader.size)
        seal.append(.seal, index: LogIndex(next.number))
        seal.finish(at: position, durable: durablePosition)
        do throws(DiskError) {
            try disk.syncDirectory()
            try disk.write(seal.bytes, 0..<seal.count, to: segment.file, at: segment.tail)
            try disk.sync(segment.file)
        } catch {
            throw fail(error)
        }
        disk.close(segment.file)
        sealed.append(SealedSegment(segment))
        segment = successor
        durablePosition = position
        // It stands in the segment that is closed: the next one does not take its place, not even where
        // there is no space for the batch that was to follow.
        mark = nil
    }

    /// Removes segments, the oldest first, all of whose entries lie at or below `index`; never the one
    /// that is written to, nor one that must be read for the term, the votes or the starts.
    ///
    /// A snapshot at or beyond `index` is on disk, durably, and stands for those entries. No sync is
    /// needed after: a file whose removal a power cut undoes does no harm.
    ///
    /// About `limit` go at a time, since the log's writes wait meanwhile. Returns whether some are
    /// left that could go.
    @discardableResult
    public mutating func dropSegments(
        through index: LogIndex, atMost limit: Int = .max
    ) throws(LogFault) -> Bool {
        if sealed.isEmpty { return false }
        // A segment can be read without those before it where it has a head, which says with which
        // entry they end.
        var bases = sealed.dropFirst().map(\.base)
        bases.append(segment.base)
        let kept = bases.lastIndex { base in base.map { $0 <= index } ?? false }
        guard let kept else { return false }
        // The log must never begin with a segment that has no head.
        let end = (0...kept).first { $0 + 1 >= limit && bases[$0] != nil } ?? kept
        for _ in 0...end {
            do throws(DiskError) {
                try disk.remove(SegmentHeader.fileName(sealed[0].number))
            } catch {
                // Even that may take space. They go the next time.
                guard error.kind == .noSpace else { throw fail(error) }
                return false
            }
            sealed.removeFirst()
        }
        return end < kept
    }

    /// Whether more space could not be had, which leaves the log as it was, or the disk failed.
    private mutating func refused(_ error: DiskError) -> LogFault {
        error.kind == .noSpace ? .noSpace(error) : fail(error)
    }
}
