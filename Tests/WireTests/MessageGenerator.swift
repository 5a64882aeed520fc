import Founding
import Primitives
import Raft

@testable import Wire

/// Draws messages that correct nodes might send, extremes included.
struct MessageGenerator {
    var random: RandomSource

    init(seed: UInt64) { random = RandomSource(seed: seed) }

    mutating func message() -> PeerMessage {
        switch random.below(15) {
        case 0: .hello(hello())
        case 1: .welcome(hello())
        case 2: .refusal(refusal())
        case 3: .founding(foundingState())
        case 4: .ping(random.next())
        case 5: .pong(random.next())
        case 6: .stateHash(StateHash(index: LogIndex(number(from: 1)), hash: random.next()))
        default: .raft(raft())
        }
    }

    private mutating func raft() -> Message {
        let term = Term(number(from: 1))
        switch random.below(11) {
        case 0: return .preVoteRequest(PreVoteRequest(term: term, last: entryID(upTo: term)))
        case 1:
            return .preVoteReply(
                PreVoteReply(term: term, askedIn: Term(number(from: 0)), granted: flag()))
        case 2: return .voteRequest(VoteRequest(term: term, last: entryID(upTo: term)))
        case 3: return .voteReply(VoteReply(term: term, granted: flag()))
        case 4: return .appendEntries(appendEntries(term: term))
        case 5:
            return .appendReply(
                AppendReply(term: term, round: number(from: 0), outcome: outcome(upTo: term)))
        case 6: return .readIndexRequest(ReadIndexRequest(term: term, id: readID()))
        case 7:
            let last = EntryID(index: LogIndex(number(from: 1)), term: term)
            return .timeoutNow(TimeoutNow(term: term, transfer: number(from: 0), last: last))
        case 8: return .installSnapshot(installSnapshot(term: term))
        case 9:
            return .snapshotReply(
                SnapshotReply(
                    term: term, round: number(from: 0), last: written(upTo: term),
                    received: number(from: 0)))
        default:
            let index = LogIndex(number(from: 0))
            return .readIndexReply(ReadIndexReply(term: term, id: readID(), index: index))
        }
    }

    mutating func appendEntries(term: Term) -> AppendEntries {
        let previous = entryID(upTo: term)
        var made = max(previous.term.number, 1)
        var entries = EntryBatch()
        // The indices of the entries must fit behind `previous`, too.
        let room = Limits.number - 1 - previous.index.number
        for _ in 0..<min(random.below(12), Int(room)) {
            if random.chance(1, in: 4) {
                made += random.next(upperBound: term.number - made + 1)
            }
            let payload = bytes(upTo: 40)
            entries.append(
                term: Term(made), kind: EntryKind(rawValue: UInt8(random.below(4)))!,
                payload: 0..<payload.count, of: payload)
        }
        return AppendEntries(
            term: term, previous: previous, commit: LogIndex(number(from: 0)),
            round: number(from: 0), voidTransfers: number(from: 0), entries: entries)
    }

    private mutating func installSnapshot(term: Term) -> InstallSnapshot {
        let piece = bytes(upTo: 40)
        let offset = min(number(from: 0), Limits.number - 1 - UInt64(piece.count))
        let end = offset + UInt64(piece.count)
        return InstallSnapshot(
            term: term, round: number(from: 0), last: written(upTo: term),
            total: flag() ? end : end + random.next(upperBound: Limits.number - end),
            offset: offset, bytes: piece)
    }

    private mutating func outcome(upTo term: Term) -> AppendReply.Outcome {
        if flag() { return .matched(LogIndex(number(from: 0))) }
        return .conflict(rejected: LogIndex(number(from: 0)), hint: entryID(upTo: term))
    }

    private mutating func hello() -> Hello {
        let nonces = (0..<random.below(StartHistory.length + 1)).map { _ in random.next() }
        let count = UInt64(nonces.count) + (flag() ? 0 : random.next() >> 3)
        guard let starts = StartHistory(count: count, nonces: nonces) else {
            preconditionFailure("the generator drew no history")
        }
        var hello = Hello(
            cluster: name(), node: node(), disk: DiskID(random.next()), nonce: random.next(),
            earlierStarts: starts, founding: foundingState(), voters: nodes(), http: address(),
            raft: address())
        guard flag() else { return hello }
        hello.levels = levels()
        if flag() { hello.origin = random.next() | 1 }
        guard flag() else { return hello }
        let term = Term(number(from: 0))
        hello.logEnd = LogEnd(term: term, last: term == .zero ? .zero : entryID(upTo: term))
        return hello
    }

    private mutating func levels() -> ClosedRange<FeatureLevel> {
        let numbers = [random.below(4), random.below(65_535)].map { UInt16(1 + $0) }.sorted()
        return FeatureLevel(numbers[0])...FeatureLevel(numbers[1])
    }

    private mutating func refusal() -> Refusal {
        let reasons = Refusal.Reason.allCases
        let texts = ["", "n1 hat die Platte verloren: ä → 𝄞", String(repeating: "x", count: 512)]
        return Refusal(
            reason: reasons[random.below(reasons.count)],
            detail: Array(texts[random.below(texts.count)].utf8))
    }

    private mutating func foundingState() -> FoundingState {
        guard random.chance(2, in: 3) else { return .newborn }
        let members = nodes().map {
            FoundingRecord.Member(node: $0, disk: DiskID(random.next()))
        }
        guard let record = FoundingRecord(cluster: name(), members: members) else {
            preconditionFailure("the generator drew no record")
        }
        return flag() ? .pledged(record) : .founded(record)
    }

    private mutating func nodes() -> [NodeID] {
        Set((0...random.below(9)).map { _ in node() }).sorted()
    }

    private mutating func node() -> NodeID {
        guard let node = NodeID(bytes: name()) else { preconditionFailure("no name was drawn") }
        return node
    }

    private mutating func name() -> [UInt8] {
        let letters = Array("ABCXYZabcxyz0189._-".utf8)
        let length = random.chance(1, in: 4) ? 32 : 1 + random.below(32)
        return (0..<length).map { _ in letters[random.below(letters.count)] }
    }

    private mutating func address() -> [UInt8] {
        let length = random.chance(1, in: 8) ? 255 : 1 + random.below(255)
        return (0..<length).map { _ in UInt8(0x21 + random.below(94)) }
    }

    private mutating func entryID(upTo term: Term) -> EntryID {
        random.chance(1, in: 5) ? .zero : written(upTo: term)
    }

    private mutating func written(upTo term: Term) -> EntryID {
        let made = 1 + random.next(upperBound: term.number)
        return EntryID(index: LogIndex(number(from: 1)), term: Term(made))
    }

    private mutating func readID() -> ReadID {
        ReadID(nonce: random.next(), counter: random.next())
    }

    /// A small number, any number, or the greatest that is allowed.
    private mutating func number(from least: UInt64) -> UInt64 {
        switch random.below(4) {
        case 0: least + random.next(upperBound: Limits.number - least)
        case 1: Limits.number - 1
        default: least + UInt64(random.below(20))
        }
    }

    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<random.below(count + 1)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func flag() -> Bool { random.chance(1, in: 2) }
}

/// A frame around a body of any bytes, with the right checksum.
func frame(kind: UInt8, body: [UInt8], version: UInt8 = 2, reserved: UInt16 = 0) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(body.count))
    writer.write(version)
    writer.write(kind)
    writer.write(reserved)
    var checksum = CRC32C()
    checksum.update(writer.bytes.span)
    checksum.update(body.span)
    writer.write(checksum.value)
    writer.write(body)
    return writer.bytes
}

/// The integers as a body, 8 bytes each.
func words(_ numbers: UInt64...) -> [UInt8] {
    var writer = ByteWriter()
    for number in numbers { writer.write(number) }
    return writer.bytes
}

func encode(_ message: PeerMessage) -> [UInt8] {
    var bytes: [UInt8] = []
    FrameEncoder.append(message, to: &bytes)
    return bytes
}

func decode(_ bytes: [UInt8]) throws(WireFault) -> (message: PeerMessage, consumed: Int)? {
    try FrameDecoder.decode(bytes, from: 0, to: bytes.count)
}
