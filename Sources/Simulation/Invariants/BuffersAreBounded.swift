import Node

/// What waits for a connection is bounded, whoever is at its other end: a stranger is given the room of
/// one greeting, and a peer that does not read is dropped.
struct BuffersAreBounded {
    static func check(
        _ waiting: (input: Int, output: Int), isStranger: Bool, node: Int
    ) -> String? {
        let input = isStranger ? NodeLimits.greetingRoom : NodeLimits.linkInput
        let output = isStranger ? NodeLimits.greetingRoom * 2 : NodeLimits.stuckOutput
        if waiting.input <= input, waiting.output <= output { return nil }
        return """
            Buffers Are Bounded: n\(node + 1) keeps \(waiting.input) bytes that came and \
            \(waiting.output) bytes to send on one connection\(isStranger ? ", a stranger's" : "")
            """
    }
}
