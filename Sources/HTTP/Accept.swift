import Primitives

/// What Accept says about `application/json` and `text/plain` (RFC 9110 §12.5.1).
public struct Accept: Sendable, Equatable {
    /// The most specific range so far that covers a media type, and its weight.
    private struct Weight: Sendable, Equatable {
        var specificity = Specificity.unnamed
        var thousandths = 0

        mutating func offer(_ specificity: Specificity, _ thousandths: Int) {
            if specificity > self.specificity {
                self = Weight(specificity: specificity, thousandths: thousandths)
            } else if specificity == self.specificity {
                self.thousandths = max(self.thousandths, thousandths)
            }
        }
    }

    private enum Specificity: Int, Sendable, Comparable {
        case unnamed, anything, anySubtype, exact

        static func < (left: Specificity, right: Specificity) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    private var json = Weight()
    private var text = Weight()

    /// No Accept field yet.
    public init() {}

    /// What one field's value says.
    public init(_ value: ArraySlice<UInt8>) {
        add(value.span, in: 0..<value.count)
    }

    /// Whether the client named JSON, wants it at all, and no less than plain text. `*/*` alone
    /// names nothing.
    public var prefersJSON: Bool {
        json.specificity >= .anySubtype && json.thousandths > 0
            && json.thousandths >= text.thousandths
    }

    /// Takes in one more field's value; several are one list (RFC 9110 §5.3).
    mutating func add(_ bytes: Span<UInt8>, in value: Range<Int>) {
        var ranges = ListElements(value)
        while let range = ranges.next(in: bytes) {
            var parts = ListElements(range, separator: UInt8(ascii: ";"))
            guard let name = parts.next(in: bytes) else { continue }
            var thousandths: Int? = 1000
            while let parameter = parts.next(in: bytes) {
                guard parameter.count >= 2,
                    bytes.spellsAnyCase(
                        "q=", in: parameter.lowerBound..<parameter.lowerBound + 2)
                else { continue }
                thousandths = Accept.quality(bytes, parameter.dropFirst(2))
            }
            // A weight that is none makes its element noise: preferences are hints.
            guard let thousandths else { continue }
            offer(bytes, name, thousandths)
        }
    }

    private mutating func offer(_ bytes: Span<UInt8>, _ name: Range<Int>, _ thousandths: Int) {
        if bytes.spells("*/*", in: name) {
            json.offer(.anything, thousandths)
            text.offer(.anything, thousandths)
        } else if bytes.spellsAnyCase("application/json", in: name) {
            json.offer(.exact, thousandths)
        } else if bytes.spellsAnyCase("application/*", in: name) {
            json.offer(.anySubtype, thousandths)
        } else if bytes.spellsAnyCase("text/plain", in: name) {
            text.offer(.exact, thousandths)
        } else if bytes.spellsAnyCase("text/*", in: name) {
            text.offer(.anySubtype, thousandths)
        }
    }

    /// A weight in thousandths, or nil where it is none (RFC 9110 §12.4.2).
    private static func quality(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard let first = range.first, range.count <= 5 else { return nil }
        guard bytes[first] == UInt8(ascii: "0") || bytes[first] == UInt8(ascii: "1") else {
            return nil
        }
        var thousandths = Int(bytes[first] - 0x30) * 1000
        guard range.count > 1 else { return thousandths }
        guard bytes[first + 1] == UInt8(ascii: ".") else { return nil }
        var place = 100
        for position in range.dropFirst(2) {
            guard bytes[position].isDigit else { return nil }
            thousandths += Int(bytes[position] - 0x30) * place
            place /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}
