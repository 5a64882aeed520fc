import Primitives
import Raft

/// Guarded commands: keys, conditions and replays are decided here, in the order of the log.
extension Engine {
    /// Applies the enveloped command of the entry `last`.
    @inlinable
    mutating func applyEnvelope(_ bytes: [UInt8], _ payload: Range<Int>) -> Result {
        guard let envelope = Envelope(bytes, payload) else {
            preconditionFailure("entry \(last) holds no envelope")
        }
        guard !envelope.key.isEmpty else { return carryOut(envelope, bytes) }
        let fingerprint = envelope.fingerprint(of: bytes)
        if let known = keys.record(of: bytes, envelope.key) {
            guard known.fingerprint == fingerprint else { return refusal(.keyReused) }
            return replay(known)
        }
        // Whatever was evicted stood at or before the newest evicted index. A client that had seen
        // that index before its first try has no evicted key.
        if let first = envelope.firstIndex, first < keys.newestEvicted.number {
            return refusal(.keyExpired)
        }
        let result = carryOut(envelope, bytes)
        remember(result, of: envelope, bytes, fingerprint)
        return result
    }

    /// Has the machine carry the command out if its condition holds.
    @inlinable
    mutating func carryOut(_ envelope: Envelope, _ bytes: [UInt8]) -> Result {
        if let condition = envelope.condition, !condition.contains(state.lastChange) {
            return Result(
                outcome: state.refusal(), verdict: .conditionFailed, entry: last, isReplay: false)
        }
        let outcome = state.apply(bytes, envelope.command, at: last.index.number)
        return Result(outcome: outcome, verdict: .carriedOut, entry: last, isReplay: false)
    }

    @inlinable
    func refusal(_ verdict: Verdict) -> Result {
        Result(outcome: nil, verdict: verdict, entry: last, isReplay: false)
    }

    /// The first result of a command that came again.
    @inlinable
    func replay(_ known: KeyTable.Record) -> Result {
        guard let verdict = Verdict(rawValue: known.verdict),
            let outcome = keys.withOutcome(of: known, { Machine.Outcome(bytes: $0, in: $1) })
        else { preconditionFailure("no outcome is kept for the key of entry \(known.entry)") }
        return Result(outcome: outcome, verdict: verdict, entry: known.entry, isReplay: true)
    }

    /// Keeps the first result of a command under its key.
    @inlinable
    mutating func remember(
        _ result: Result, of envelope: Envelope, _ bytes: [UInt8], _ fingerprint: UInt64
    ) {
        var outcome: [UInt8] = []
        result.outcome?.append(to: &outcome)
        keys.insert(
            bytes, envelope.key, entry: last, fingerprint: fingerprint,
            verdict: result.verdict.rawValue, outcome: outcome)
    }
}

extension Envelope {
    /// Tells commands apart that came under one key: the command's bytes and its condition. The first
    /// index is not part of it, since a client may have seen a newer one at each try.
    @usableFromInline
    func fingerprint(of bytes: [UInt8]) -> UInt64 {
        var digest = Digest()
        digest.mix(bytes, command)
        if let condition {
            digest.mix(1, UInt64(condition.count))
            for index in condition { digest.mix(index, 0) }
        }
        return digest.value
    }
}
