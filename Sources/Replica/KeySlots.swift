/// A hashed index: which number a key has, by the key's hash. Open addressing with linear probing.
///
/// The order of the slots decides nothing: keys are compared by whoever holds them. Nothing is
/// allocated before the first key.
struct KeySlots: Sendable {
    /// Zero for a free slot; else the hash above, its top bit set, and the number below.
    private var slots: [UInt64] = []
    private var count = 0

    /// The number of the key with that hash for which `isMatch` holds.
    func find(_ hash: UInt32, where isMatch: (UInt32) -> Bool) -> UInt32? {
        guard !slots.isEmpty else { return nil }
        let wanted = KeySlots.tag(hash)
        var position = home(of: wanted)
        while slots[position] != 0 {
            let slot = slots[position]
            let number = UInt32(truncatingIfNeeded: slot)
            if slot >> 32 == wanted, isMatch(number) { return number }
            position = following(position)
        }
        return nil
    }

    /// Notes the number of a key that is not there yet.
    mutating func insert(_ hash: UInt32, _ number: UInt32) {
        if (count + 1) * 2 > slots.count { grow() }
        place(KeySlots.tag(hash) << 32 | UInt64(number))
        count += 1
    }

    /// Forgets the key of that hash and number, which is there.
    mutating func remove(_ hash: UInt32, _ number: UInt32) {
        let wanted = KeySlots.tag(hash) << 32 | UInt64(number)
        var hole = home(of: wanted >> 32)
        while slots[hole] != wanted {
            precondition(slots[hole] != 0, "no key of number \(number)")
            hole = following(hole)
        }
        // Every key behind the hole that may stand in it moves there, so that no search ends early.
        var position = following(hole)
        while slots[position] != 0 {
            let home = home(of: slots[position] >> 32)
            if distance(from: home, to: position) >= distance(from: hole, to: position) {
                slots[hole] = slots[position]
                hole = position
            }
            position = following(position)
        }
        slots[hole] = 0
        count -= 1
    }

    private static func tag(_ hash: UInt32) -> UInt64 { UInt64(hash | 1 << 31) }

    private func home(of tag: UInt64) -> Int {
        Int(truncatingIfNeeded: tag) & (slots.count - 1)
    }

    private func following(_ position: Int) -> Int { (position + 1) & (slots.count - 1) }

    private func distance(from start: Int, to end: Int) -> Int {
        (end - start) & (slots.count - 1)
    }

    private mutating func place(_ slot: UInt64) {
        var position = home(of: slot >> 32)
        while slots[position] != 0 { position = following(position) }
        slots[position] = slot
    }

    /// At most half of the slots are in use.
    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: max(16, old.count * 2))
        for slot in old where slot != 0 { place(slot) }
    }
}
