import Primitives

/// Makes new inputs out of old ones, the same from the same seed: a short run that needs no fuzzer.
public struct Mutator {
    private static let telling: [UInt8] = [
        0, 1, 2, 9, 10, 13, 32, 34, 35, 37, 38, 44, 45, 47, 48, 57, 58, 61, 63, 91, 92, 93, 123,
        125,
        127, 128, 254, 255,
    ]

    private var random: RandomSource

    /// The mutations that belong to that seed.
    public init(seed: UInt64) { random = RandomSource(seed: seed) }

    /// One of the inputs, of which there is at least one, with up to four things changed in it.
    public mutating func next(from inputs: [[UInt8]]) -> [UInt8] {
        var bytes = inputs[random.below(inputs.count)]
        for _ in 0...random.below(4) {
            mutate(&bytes, beside: inputs[random.below(inputs.count)])
        }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8], beside other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        let place = random.below(bytes.count)
        let range = place..<min(place + 1 + random.below(32), bytes.count)
        switch random.below(8) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = UInt8(random.below(256))
        case 2: bytes[place] = Mutator.telling[random.below(Mutator.telling.count)]
        case 3: bytes.insert(Mutator.telling[random.below(Mutator.telling.count)], at: place)
        case 4: bytes.removeSubrange(range)
        case 5: bytes.insert(contentsOf: bytes[range], at: place)
        case 6: bytes.removeSubrange(place...)
        default:
            guard !other.isEmpty else { return }
            bytes.replaceSubrange(place..., with: other[random.below(other.count)...])
        }
    }
}
