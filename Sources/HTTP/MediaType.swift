/// Comparing media types (RFC 9110 §8.3.1).
public enum MediaType {
    /// Whether a Content-Type's value names this type, given as `type/subtype` in small letters.
    /// Case and parameters are of no account.
    public static func matches(_ value: ArraySlice<UInt8>, _ type: StaticString) -> Bool {
        let bytes = value.span
        var parts = ListElements(0..<bytes.count, separator: UInt8(ascii: ";"))
        guard let name = parts.next(in: bytes) else { return false }
        return bytes.spellsAnyCase(type, in: name)
    }
}
