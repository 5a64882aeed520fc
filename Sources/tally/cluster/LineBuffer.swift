/// Bytes of a pipe put together to lines.
struct LineBuffer {
    /// No line of a node or a person is longer; what lies beyond is dropped.
    private static let longest = 1024
    private var rest: [UInt8] = []

    /// Takes in bytes, and gives back the lines that they complete, without their ends.
    mutating func lines(after bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: rest, as: UTF8.self))
                rest.removeAll(keepingCapacity: true)
            } else if rest.count < LineBuffer.longest {
                rest.append(byte)
            }
        }
        return lines
    }
}
