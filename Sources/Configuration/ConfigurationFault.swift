import Primitives

/// One thing that is wrong, or questionable, in a config file: where, and what to do about it.
public struct ConfigurationFault: Hashable, Sendable, CustomStringConvertible {
    /// The place in the file as a JSON path, such as `$.nodes[1].http`.
    public let path: String

    /// What is wrong and what to do, in one line.
    public let message: String

    /// A fault at that place.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// The fault as the one line that users see: `PATH: MESSAGE`.
    public var description: String {
        "\(path): \(message)"
    }
}

/// A place in a JSON text: `$`, `$.nodes[1].http`, `$.nodes[1]["odd key"]`.
struct JSONPath {
    let text: String

    static let root = JSONPath(text: "$")

    /// The place of that member of the object which lies here.
    subscript(key: String) -> JSONPath {
        let isPlain =
            !key.isEmpty && key.count <= ConfigurationLimits.shownCharacters
            && key.utf8.allSatisfy { byte in
                byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_")
            }
        return JSONPath(text: isPlain ? "\(text).\(key)" : "\(text)[\(quoted(key))]")
    }

    /// The place of that element of the list which lies here.
    subscript(index: Int) -> JSONPath {
        JSONPath(text: "\(text)[\(index)]")
    }
}
