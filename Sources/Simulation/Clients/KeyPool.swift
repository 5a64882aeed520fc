import Calculator
import Primitives
import Raft
import Replica

/// The guarded writes of a run: keys under which any client may try a write again at any node, and
/// conditions. What is drawn here is drawn from numbers of its own.
struct KeyPool {
    /// A write under a key.
    private struct Keyed {
        var request: ClientRequest
        /// The number of its first try.
        var write: Int
        /// Whether a client was told what it came to.
        var isSettled = false
    }

    /// How engines remember keys, the same on all nodes.
    let capacity: Int
    /// Of 8 writes, how many are guarded.
    private let share: Int
    /// Whether the same keys come again for other writes.
    private let areKeysUsedAgain: Bool
    /// Of 4 keys, how many come with an index that their client knew.
    private let indexed: Int
    private let keyLength: Int
    private var slots: [Keyed?]
    private var random: RandomSource

    /// What guards there are in the run of that seed.
    init(seed: UInt64) {
        random = RandomSource(seed: seed ^ 0x1DE4_7E57_0F0D_5EED)
        share = [0, 1, 4, 8][random.below(4)]
        capacity = [EngineLimits.keys, EngineLimits.keys, 3, 8, 16, 48][random.below(6)]
        areKeysUsedAgain = random.chance(1, in: 3)
        indexed = [0, 2, 4, 4][random.below(4)]
        keyLength = [0, 0, 64][random.below(3)]
        slots = Array(repeating: nil, count: 8 + random.below(57))
    }

    /// The pool in a few words; nil where no write is guarded.
    var description: String? {
        guard share > 0 else { return nil }
        return """
            \(share) of 8 writes guarded, \(slots.count) keys\(areKeysUsedAgain ? " used again" : "")\
             of which \(capacity) are remembered, \(indexed) of 4 with an index
            """
    }

    /// What is asked where a client wants to write: that command, or one that was tried before.
    mutating func request(
        _ command: Calculator.Command, seen: LogIndex, lastChange: LogIndex
    ) -> ClientRequest {
        guard random.below(8) < share else { return .write(command) }
        let slot = random.below(slots.count)
        if let earlier = slots[slot], random.chance(1, in: earlier.isSettled ? 4 : 2) {
            return earlier.request
        }
        var writeGuard = WriteGuard()
        if random.chance(1, in: 3) {
            writeGuard.condition = drawCondition(seen: seen, lastChange: lastChange)
        }
        if writeGuard.condition != nil, random.chance(1, in: 2) {
            return .guarded(command, writeGuard)
        }
        let number = Operation.number(of: command)
        writeGuard.key = key(of: slot, number)
        if random.below(4) < indexed {
            // Mostly the newest one.
            let isNewest = random.chance(3, in: 4)
            writeGuard.firstIndex =
                isNewest ? seen.number : UInt64(random.below(Int(seen.number) + 1))
        }
        let request = ClientRequest.guarded(command, writeGuard)
        slots[slot] = Keyed(request: request, write: number)
        return request
    }

    private func key(of slot: Int, _ number: Int) -> [UInt8] {
        var key = Array((areKeysUsedAgain ? "k\(slot)" : "k\(slot).\(number)").utf8)
        key += repeatElement(UInt8(ascii: "~"), count: max(0, keyLength - key.count))
        return key
    }

    private mutating func drawCondition(seen: LogIndex, lastChange: LogIndex) -> [UInt64] {
        var condition = (0..<random.below(3)).map { _ in
            UInt64(random.below(Int(seen.number) + 2))
        }
        if random.chance(3, in: 4) { condition.append(lastChange.number) }
        return condition
    }

    /// A client was told what the write of that number came to.
    mutating func settle(_ write: Int) {
        guard let slot = slots.firstIndex(where: { $0?.write == write }) else { return }
        slots[slot]?.isSettled = true
    }
}
