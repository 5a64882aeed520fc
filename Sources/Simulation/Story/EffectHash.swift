import Primitives
import Raft
import Replica

/// A hash of all that the nodes did, in order: the same for the same seed, in every process and
/// build. The standard library's own hashing differs from process to process, so this one mixes
/// by itself.
struct EffectHash {
    private(set) var value: UInt64 = 0x6A09_E667_F3BC_C908

    mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    mutating func mix(_ bytes: [UInt8]) { mix(bytes, 0..<bytes.count) }

    mutating func mix(_ bytes: [UInt8], _ range: Range<Int>) {
        mix(UInt64(range.count))
        var word: UInt64 = 0
        for position in range {
            word = word << 8 | UInt64(bytes[position])
            if (position - range.lowerBound) % 8 == 7 {
                mix(word)
                word = 0
            }
        }
        mix(word)
    }

    mutating func mix(_ node: NodeID) { mix(node.bytes) }

    mutating func mix(_ entry: EntryID) {
        mix(entry.index.number)
        mix(entry.term.number)
    }

    mutating func mix(_ answer: ClientAnswer) {
        switch answer {
        case .value(let receipt):
            mix(1)
            mix(receipt)
        case .overflow(let receipt):
            mix(2)
            mix(receipt)
        case .conditionFailed(let receipt):
            mix(3)
            mix(receipt)
        case .keyReused(let place):
            mix(4)
            mix(place.number)
        case .keyExpired(let place):
            mix(5)
            mix(place.number)
        case .other(let answer): mix(answer)
        }
    }

    private mutating func mix(_ answer: Replica.Answer) {
        switch answer {
        case .committed(let entry):
            mix(1)
            mix(entry)
        case .readable(let index):
            mix(2)
            mix(index.number)
        case .redirect(let leader, _):
            mix(3)
            mix(leader)
        case .unavailable(let reason):
            mix(4)
            switch reason {
            case .noLeader: mix(0)
            case .forming: mix(1)
            case .superseded: mix(2)
            case .overloaded: mix(3)
            case .stopping: mix(4)
            case .unsupported: mix(5)
            case .diverged: mix(6)
            case .diskFull: mix(7)
            }
        case .unknownOutcome:
            mix(5)
        case .leads(let node, let term):
            mix(6)
            mix(node)
            mix(term.number)
        case .notAVoter: mix(7)
        case .transferFailed: mix(8)
        }
    }

    private mutating func mix(_ receipt: ClientAnswer.Receipt) {
        mix(UInt64(bitPattern: receipt.value))
        mix(receipt.entry)
        mix(receipt.lastChange.number)
        mix(receipt.place.number)
    }
}
