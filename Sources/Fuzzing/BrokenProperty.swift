/// What an input has shown to be wrong: one sentence for the person who mends it.
public struct BrokenProperty: Error, Hashable, CustomStringConvertible {
    /// What was promised and did not hold.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Throws unless the condition holds; `promise` says what was promised.
func hold(
    _ condition: Bool, _ promise: @autoclosure () -> String
) throws(BrokenProperty) {
    if !condition { throw BrokenProperty("broken: " + promise()) }
}
