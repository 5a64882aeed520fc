import Gossip
import Primitives

/// What a member of the gossip promises, whatever comes: it keeps its word about itself, its memory
/// and its datagrams keep their bounds, no claim gives way to a lesser one, and what it says others
/// can read.
///
/// An input is parcels: a byte of control, a `u16` length, so many bytes. The lowest two bits of
/// the control say how the bytes come, the next one whether their header is put right first, and
/// the rest how much time passes then, in steps of 25 ms.
enum GossipProperties {
    private static let cluster = Array("example".utf8)

    static func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        var listener = try member(2, seed: 2, at: .origin)
        var member = try member(1, seed: bytes.seed, at: .origin)
        var now = Instant.origin
        var effects = Gossip.Effects()
        var reader = ByteReader(bytes)
        var parcels = 0
        while let control = reader.read(UInt8.self), let length = reader.read(UInt16.self) {
            guard let content = reader.read(count: min(Int(length), reader.remaining)) else {
                break
            }
            parcels += 1
            let before = member.members
            let call = effects.calls.last?.id ?? CallID(0)
            effects.removeAll()
            member.step(
                event(control, content, answering: call, shouldMend: control & 4 != 0), at: now,
                into: &effects)
            try holdBounds(effects)
            try holdStandings(before, member.members)
            let end = now + .milliseconds(25 * Int(control >> 3))
            while member.deadline <= end {
                try hold(member.deadline >= now, "a deadline that has passed")
                now = member.deadline
                member.step(.deadlineReached, at: now, into: &effects)
                try hold(member.deadline > now, "time goes on")
            }
            now = end
            try holdBounds(effects)
            for datagram in effects.datagrams {
                var ignored = Gossip.Effects()
                listener.step(
                    .datagram(datagram.bytes, from: datagram.to), at: now, into: &ignored)
            }
        }
        try hold(listener.counters.malformed == 0, "what it says can be read")
        let counters = member.counters
        return parcels > counters.malformed + counters.oversized + counters.foreign
    }

    /// A member that knows the one next to it.
    private static func member(
        _ number: Int, seed: UInt64, at now: Instant
    ) throws(BrokenProperty) -> Gossip {
        guard let id = NodeID("n\(number)"),
            let http = Address(bytes: Array("127.0.0.1:800\(number)".utf8)),
            let raft = Address(bytes: Array("127.0.0.1:900\(number)".utf8)),
            let gossip = Address(bytes: Array("127.0.0.1:700\(number)".utf8)),
            let other = Address(bytes: Array("127.0.0.1:700\(3 - number)".utf8)),
            let metadata = Metadata(
                http: http, raft: raft, gossip: gossip, role: .voter, version: [])
        else { throw BrokenProperty("broken: the names of the test") }
        return Gossip(
            cluster: cluster, id: id, metadata: metadata, seeds: [other], profile: .local,
            incarnation: 0, digest: nil, seed: seed, at: now)
    }

    private static func event(
        _ control: UInt8, _ content: [UInt8], answering call: CallID, shouldMend: Bool
    ) -> Gossip.Event {
        let isStream = control & 3 >= 2
        let bytes = shouldMend ? mended(content, onStream: isStream) : content
        guard let source = Address(bytes: Array("127.0.0.1:7002".utf8)) else {
            preconditionFailure("no address")
        }
        return switch control & 3 {
        case 2: .called(CallerID(1), bytes)
        case 3: .answered(call, bytes)
        default: .datagram(bytes, from: source)
        }
    }

    private static func holdBounds(_ effects: Gossip.Effects) throws(BrokenProperty) {
        for datagram in effects.datagrams {
            try hold(datagram.bytes.count <= GossipLimits.datagram, "a datagram's length")
        }
        for bytes in effects.calls.map(\.bytes) + effects.answers.map(\.bytes) {
            try hold(bytes.count <= GossipLimits.stream, "a stream message's length")
            try hold(
                Gossip.streamLength(of: Array(bytes.prefix(Gossip.streamHeaderLength)))
                    == bytes.count - Gossip.streamHeaderLength, "a stream message's header")
        }
    }

    /// Of two claims the greater one holds, so that what is held never becomes less.
    private static func holdStandings(
        _ before: [Member], _ after: [Member]
    ) throws(BrokenProperty) {
        try hold(after.count <= GossipLimits.members + 1, "\(after.count) members")
        for (one, next) in zip(after, after.dropFirst()) {
            try hold(one.id < next.id, "members sorted, each once")
        }
        for member in before {
            guard let now = after.first(where: { $0.id == member.id }) else { continue }
            let isLess =
                now.incarnation < member.incarnation
                || now.incarnation == member.incarnation
                    && now.state.rawValue < member.state.rawValue
            try hold(!isLess, "\(member) before, \(now) after")
        }
        let own = after.first { $0.id == NodeID("n1") }
        try hold(own?.state == .alive, "it takes itself for \(String(describing: own?.state))")
    }

    /// The same message with a header and a checksum that are right (docs/wire-format.md).
    private static func mended(_ content: [UInt8], onStream isStream: Bool) -> [UInt8] {
        let start = isStream ? Gossip.streamHeaderLength : 0
        var bytes = content
        guard bytes.count >= start + 12 else { return bytes }
        if isStream { bytes.set(littleEndian: UInt32(bytes.count - start), at: 0) }
        bytes.replaceSubrange(start..<start + 5, with: Array("TLYG".utf8) + [1])
        bytes[start + 7] = 0
        var sum = CRC32C()
        sum.update(bytes.span.extracting(start..<start + 8))
        sum.update(bytes.span.extracting(start + 12..<bytes.count))
        bytes.set(littleEndian: sum.value, at: start + 8)
        return bytes
    }
}
