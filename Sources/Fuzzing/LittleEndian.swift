extension [UInt8] {
    /// The number, at most seven bytes of it, that stands at `offset`, the least significant first.
    func littleEndian(at offset: Int, count: Int) -> Int {
        (0..<count).reversed().reduce(0) { $0 << 8 | Int(self[offset + $1]) }
    }

    /// Puts a number at `offset`, the least significant byte first.
    mutating func setLittleEndian(_ number: UInt64, at offset: Int, count: Int) {
        for position in 0..<count {
            self[offset + position] = UInt8(truncatingIfNeeded: number >> UInt64(8 * position))
        }
    }
}
