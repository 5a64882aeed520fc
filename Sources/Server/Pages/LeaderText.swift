import HTTP
import Primitives

/// Which node a request wants to lead, or why it says nothing usable.
enum LeaderFinding: Equatable {
    /// That one; nil for any other than the present leader.
    case node(NodeID?)
    case bad(String)
    case unsupportedMediaType
}

/// Finds the node in a request for a change of leadership: `{"node":"n2"}` as JSON, `node=n2` as a form
/// or in the query, or nothing at all, which means any.
enum LeaderText {
    /// What the request whose body lies in `body` asks for.
    static func find(
        in request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> LeaderFinding {
        var finding = LeaderFinding.node(nil)
        if let query = request.query { finding = form(buffer[query]) }
        let body = ValueText.trimmed(body)
        guard !body.isEmpty else { return finding }
        guard let range = request.contentType, !request.hasContentCoding else {
            return .unsupportedMediaType
        }
        let inBody: LeaderFinding
        if MediaType.matches(buffer[range], "application/json") {
            inBody = json(body)
        } else if MediaType.matches(buffer[range], "application/x-www-form-urlencoded") {
            if body.first == UInt8(ascii: "{") {
                return .bad("To send JSON, send the header Content-Type: application/json.")
            }
            inBody = form(body)
        } else {
            return .unsupportedMediaType
        }
        switch (finding, inBody) {
        case (.node(nil), let other), (let other, .node(nil)): return other
        default: return .bad("The node is given twice, in the query and in the body.")
        }
    }

    private static func form(_ form: ArraySlice<UInt8>) -> LeaderFinding {
        switch FormDecoder.lookup("node", in: form) {
        case .absent: .node(nil)
        case .one(let name): node(name)
        case .several: .bad("The node is given more than once.")
        case .malformed: .bad("A percent sign in the node lacks its two hexadecimal digits.")
        }
    }

    /// `{}`, or an object with the one member `node`. An id needs no escapes.
    private static func json(_ text: ArraySlice<UInt8>) -> LeaderFinding {
        var rest = text
        guard ValueText.take("{", from: &rest) else { return .bad(notAnObject) }
        if rest.elementsEqual("}".utf8) { return .node(nil) }
        guard ValueText.take("\"node\"", from: &rest), ValueText.take(":", from: &rest),
            ValueText.take("\"", from: &rest),
            let quote = rest.firstIndex(of: UInt8(ascii: "\""))
        else { return .bad(notAnObject) }
        let name = rest[..<quote]
        rest = ValueText.trimmed(rest[(quote + 1)...])
        guard rest.elementsEqual("}".utf8) else { return .bad(notAnObject) }
        return node(name)
    }

    private static func node(_ name: ArraySlice<UInt8>) -> LeaderFinding {
        guard let node = NodeID(bytes: name) else {
            return .bad("The node must be an id: 1 to 32 of A-Z a-z 0-9 . _ -")
        }
        return .node(node)
    }

    private static let notAnObject =
        "The body must be a JSON object of the form {\"node\":\"n2\"}, or {} for any node."
}
