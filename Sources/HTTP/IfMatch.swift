/// What If-Match demands (RFC 9110 §13.1.1), for entity tags that are numbers in quotes.
///
/// The comparison is strong (§8.8.3.2): a weak tag matches nothing, and neither does one that is no
/// number as this project writes one.
public enum IfMatch: Sendable, Equatable {
    /// `*`: that there is something, whatever it is.
    case any
    /// The present tag is one of these numbers; none of them where no tag can match.
    case oneOf([UInt64])

    /// How many tags a request may name, those that match nothing included.
    public static let mostTags = 16

    /// The condition of a request that has the field; nil where its value is no list of entity tags and
    /// not `*`, or where the list is longer than `mostTags`.
    public init?(_ request: Request, in buffer: [UInt8]) {
        guard let first = request.ifMatch else { return nil }
        let bytes = buffer.span
        // §5.3: several fields are one list, and `*` is no element of one.
        if request.moreIfMatch.isEmpty, bytes.spells("*", in: first) {
            self = .any
            return
        }
        var numbers: [UInt64] = []
        var count = 0
        for value in [first] + request.moreIfMatch {
            var list = EntityTags(value)
            elements: while true {
                switch list.next(in: bytes) {
                case .tag(let tag):
                    count += 1
                    guard count <= IfMatch.mostTags else { return nil }
                    if !tag.isWeak, let number = tag.number { numbers.append(number) }
                case .end: break elements
                case .malformed: return nil
                }
            }
        }
        self = .oneOf(numbers)
    }
}
