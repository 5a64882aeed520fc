import Founding
import Primitives
import Raft

/// Takes frames from a stream of bytes, and believes nothing that it has not checked.
public enum FrameDecoder {
    /// The first message in `buffer[from..<to]` and how many bytes its frame takes, or nil where
    /// the frame is not whole yet; the range lies within the buffer.
    ///
    /// Throws a fault as soon as the bytes that prove it are there: a length that is refused needs
    /// only the first four, so that nothing is buffered for it. The connection ends with it, since
    /// it is not known where the next frame would begin. The checks and their order are those of
    /// `docs/wire-format.md`.
    ///
    /// - Parameter speaker: how far the sender of the bytes has come in its handshake; a frame that it
    ///   may not send yet is refused by its header, before its body is buffered.
    public static func decode(
        _ buffer: [UInt8], from: Int, to: Int, speaker: Speaker = .introduced
    ) throws(WireFault) -> (message: PeerMessage, consumed: Int)? {
        var header = ByteReader(buffer, in: from..<to)
        guard let length = header.read(UInt32.self) else { return nil }
        if length > speaker.largestBody { throw .badLength }
        guard let version = header.read(UInt8.self), let number = header.read(UInt8.self),
            let reserved = header.read(UInt16.self)
        else { return nil }
        if version < Frame.versions.lowerBound { throw .badVersion }
        if version > Frame.versions.upperBound { throw .newerVersion }
        guard let kind = FrameKind(rawValue: number), kind.versions.contains(version), reserved == 0
        else { throw .badKind }
        guard speaker.maySend(kind) else { throw .notIntroduced }
        if length > kind.largestBody { throw .badLength }
        guard let checksum = header.read(UInt32.self), header.remaining >= Int(length) else {
            return nil
        }
        let start = header.position
        let end = start + Int(length)
        if checksum != Frame.checksum(of: buffer, from: from, to: end) { throw .badChecksum }
        var body = ByteReader(buffer, in: start..<end)
        guard let message = message(of: kind, version: version, from: &body), body.remaining == 0
        else {
            var again = ByteReader(buffer, in: start..<end)
            throw kind == .appendEntries && hasNewerEntries(&again) ? .newerEntries : .badBody
        }
        return (message, end - from)
    }

    /// The message that the body spells, or nil where it breaks the rules of its kind.
    private static func message(
        of kind: FrameKind, version: UInt8, from body: inout ByteReader
    ) -> PeerMessage? {
        switch kind {
        case .hello: hello(version: version, from: &body).map { .hello($0) }
        case .welcome: hello(version: version, from: &body).map { .welcome($0) }
        case .refusal: refusal(version: version, from: &body).map { .refusal($0) }
        case .founding: foundingState(from: &body).map { .founding($0) }
        case .ping: body.read(UInt64.self).map { .ping($0) }
        case .pong: body.read(UInt64.self).map { .pong($0) }
        case .stateHash: stateHash(from: &body).map { .stateHash($0) }
        case .preVoteRequest: preVoteRequest(from: &body).map { .raft(.preVoteRequest($0)) }
        case .preVoteReply: preVoteReply(from: &body).map { .raft(.preVoteReply($0)) }
        case .voteRequest: voteRequest(from: &body).map { .raft(.voteRequest($0)) }
        case .voteReply: voteReply(from: &body).map { .raft(.voteReply($0)) }
        case .appendEntries: appendEntries(from: &body).map { .raft(.appendEntries($0)) }
        case .appendReply:
            appendReply(version: version, from: &body).map { .raft(.appendReply($0)) }
        case .readIndexRequest: readIndexRequest(from: &body).map { .raft(.readIndexRequest($0)) }
        case .readIndexReply: readIndexReply(from: &body).map { .raft(.readIndexReply($0)) }
        case .timeoutNow: timeoutNow(from: &body).map { .raft(.timeoutNow($0)) }
        case .installSnapshot: installSnapshot(from: &body).map { .raft(.installSnapshot($0)) }
        case .snapshotReply: snapshotReply(from: &body).map { .raft(.snapshotReply($0)) }
        }
    }

    private static func hello(version: UInt8, from body: inout ByteReader) -> Hello? {
        guard let cluster = body.readShort(), let node = body.readNodeID(),
            let disk = body.read(UInt64.self), let nonce = body.read(UInt64.self),
            let earlier = startHistory(from: &body),
            let founding = foundingState(from: &body), let voters = voters(from: &body),
            let http = body.readShort(), let raft = body.readShort()
        else { return nil }
        var hello = Hello(
            cluster: cluster, node: node, disk: DiskID(disk), nonce: nonce,
            earlierStarts: earlier, founding: founding, voters: voters, http: http, raft: raft)
        if version > 2 {
            guard let levels = levels(from: &body) else { return nil }
            hello.levels = levels
            guard readAdditions(to: &hello, from: &body) else { return nil }
            // What a later version has to add.
            _ = body.skip(count: body.remaining)
        }
        return hello.isWellFormed ? hello : nil
    }

    /// What stands behind the levels, each behind its tag, in the order of the tags. Returns false where it
    /// breaks its rule.
    private static func readAdditions(to hello: inout Hello, from body: inout ByteReader) -> Bool {
        var tag = body.read(UInt8.self)
        if tag == Hello.originTag {
            guard let origin = body.read(UInt64.self) else { return false }
            hello.origin = origin
            tag = body.read(UInt8.self)
        }
        if tag == Hello.logEndTag {
            guard let end = logEnd(from: &body) else { return false }
            hello.logEnd = end
        }
        return true
    }

    private static func levels(from body: inout ByteReader) -> ClosedRange<FeatureLevel>? {
        guard let oldest = body.read(UInt16.self), let newest = body.read(UInt16.self),
            oldest <= newest
        else { return nil }
        return FeatureLevel(oldest)...FeatureLevel(newest)
    }

    private static func startHistory(from body: inout ByteReader) -> StartHistory? {
        guard let starts = body.read(UInt64.self), let count = body.read(UInt8.self) else {
            return nil
        }
        var nonces: [UInt64] = []
        for _ in 0..<count {
            guard let nonce = body.read(UInt64.self) else { return nil }
            nonces.append(nonce)
        }
        return StartHistory(count: starts, nonces: nonces)
    }

    private static func voters(from body: inout ByteReader) -> [NodeID]? {
        guard let count = body.read(UInt8.self) else { return nil }
        var voters: [NodeID] = []
        for _ in 0..<count {
            guard let voter = body.readNodeID() else { return nil }
            voters.append(voter)
        }
        return voters
    }

    private static func refusal(version: UInt8, from body: inout ByteReader) -> Refusal? {
        guard let number = body.read(UInt8.self), let reason = Refusal.Reason(rawValue: number),
            reason.isOfVersion2 == (version == 2),
            let length = body.read(UInt16.self), let detail = body.read(count: Int(length))
        else { return nil }
        let refusal = Refusal(reason: reason, detail: detail)
        return refusal.isWellFormed ? refusal : nil
    }

    private static func foundingState(from body: inout ByteReader) -> FoundingState? {
        switch body.read(UInt8.self) {
        case 0: .newborn
        case 1: FoundingRecord(from: &body).map { .pledged($0) }
        case 2: FoundingRecord(from: &body).map { .founded($0) }
        default: nil
        }
    }
}
