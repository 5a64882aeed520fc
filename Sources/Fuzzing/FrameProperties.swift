import Primitives
import Wire

/// What the decoder of frames promises for any bytes: a message has one spelling, and it is the same
/// however its bytes arrive.
enum FrameProperties {
    /// What a connection's bytes came to.
    private struct Outcome: Equatable {
        var messages: [PeerMessage] = []
        var fault: WireFault?
    }

    static func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        let isAccepted = try checkStream(bytes)
        for speaker in [Speaker.caller, .called] { try checkGreeting(bytes, from: speaker) }
        // No mutation guesses a checksum, so that the bodies are reached by right ones.
        return try checkStream(mended(bytes)) || isAccepted
    }

    /// Before a handshake is done one greeting is read, or nothing, and never more than it has is waited
    /// for.
    private static func checkGreeting(
        _ bytes: [UInt8], from speaker: Speaker
    ) throws(BrokenProperty) {
        let frame: (message: PeerMessage, consumed: Int)?
        do throws(WireFault) {
            frame = try FrameDecoder.decode(bytes, from: 0, to: bytes.count, speaker: speaker)
        } catch {
            return
        }
        let most = Limits.header + Limits.smallBody
        guard let frame else {
            return try hold(bytes.count < most, "\(bytes.count) bytes are no greeting yet")
        }
        try hold(frame.consumed <= most, "a greeting of \(frame.consumed) bytes")
        switch (speaker, frame.message) {
        case (.caller, .hello), (.called, .welcome), (.called, .refusal): break
        default: try hold(false, "\(frame.message) is read from a \(speaker)")
        }
    }

    private static func checkStream(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        let whole = try read(bytes, arriving: [bytes.count])
        var random = RandomSource(seed: bytes.seed)
        var ends: [Int] = []
        while ends.last ?? 0 < bytes.count {
            let end = ends.last ?? 0
            let most = random.chance(1, in: 2) ? 4 : bytes.count - end
            ends.append(min(end + 1 + random.below(most), bytes.count))
        }
        let inParts = try read(bytes, arriving: ends)
        try hold(whole == inParts, "\(whole) whole, \(inParts) in parts")
        return !whole.messages.isEmpty
    }

    /// Reads bytes of which those before each of `ends` have arrived at one more look.
    private static func read(
        _ bytes: [UInt8], arriving ends: [Int]
    ) throws(BrokenProperty) -> Outcome {
        var outcome = Outcome()
        var from = 0
        for end in ends {
            while true {
                let frame: (message: PeerMessage, consumed: Int)?
                do throws(WireFault) {
                    frame = try FrameDecoder.decode(bytes, from: from, to: end)
                } catch {
                    outcome.fault = error
                    return outcome
                }
                guard let frame else { break }
                try hold(frame.consumed <= end - from, "\(frame.consumed) of \(end - from) bytes")
                try checkSpelling(of: frame.message, bytes[from..<from + frame.consumed])
                outcome.messages.append(frame.message)
                from += frame.consumed
            }
        }
        return outcome
    }

    /// A message has one spelling; only behind a greeting of version 3 later versions may say more.
    private static func checkSpelling(
        of message: PeerMessage, _ frame: ArraySlice<UInt8>
    ) throws(BrokenProperty) {
        var spelling: [UInt8] = []
        FrameEncoder.append(message, to: &spelling)
        let body = frame.dropFirst(Limits.header)
        switch message {
        case .hello(let hello) where hello.levels != nil,
            .welcome(let hello) where hello.levels != nil:
            let read = spelling.dropFirst(Limits.header)
            return try hold(body.starts(with: read), "\(message) is read from \(body)")
        default: break
        }
        try hold(spelling.elementsEqual(frame), "\(message) has one spelling, not \(spelling)")
    }

    /// The same frames with lengths that fit, versions that are spoken and right checksums
    /// (docs/wire-format.md).
    private static func mended(_ bytes: [UInt8]) -> [UInt8] {
        let header = 12
        let checksum = 8..<12
        var bytes = bytes
        var start = 0
        while bytes.count - start >= header {
            let length = min(
                Int(bytes.span.littleEndian(UInt32.self, at: start)), bytes.count - start - header)
            let end = start + header + length
            bytes.set(littleEndian: UInt32(length), at: start)
            if bytes[start + 4] != 3 { bytes[start + 4] = 2 }
            bytes.set(littleEndian: UInt16(0), at: start + 6)
            var sum = CRC32C()
            sum.update(bytes.span.extracting(start..<start + checksum.lowerBound))
            sum.update(bytes.span.extracting(start + checksum.upperBound..<end))
            bytes.set(littleEndian: sum.value, at: start + checksum.lowerBound)
            start = end
        }
        return bytes
    }
}
