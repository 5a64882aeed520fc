/// An `http` address taken apart (RFC 9110 §4.2.1): where to connect, and what to ask for.
public struct HTTPURL: Sendable, Equatable {
    /// The host to connect to; an IPv6 address without its brackets.
    public let host: String

    /// The port to connect to; 80 where none is written.
    public let port: Int

    /// Host and port as they were written, which is what Host says.
    public let authority: String

    /// The request target: path and query, at least `/`.
    public let target: String

    /// The address that the text spells, or nil where it is none. A fragment is left out, since it
    /// is never sent.
    public init?(_ text: String) {
        let bytes = Array(text.utf8.prefix { $0 != UInt8(ascii: "#") })
        guard bytes.allSatisfy(\.isVisible),
            let target = try? RequestTarget(bytes.span, in: 0..<bytes.count, method: .get),
            bytes.first != UInt8(ascii: "/")
        else { return nil }
        let schemeBytes = 7
        let authorityRange = schemeBytes..<target.path.lowerBound
        guard let parts = Authority(bytes.span, in: authorityRange), parts.port != 0 else {
            return nil
        }
        let isBracketed = bytes[parts.host.lowerBound] == UInt8(ascii: "[")
        let bare = isBracketed ? parts.host.dropFirst().dropLast() : parts.host
        host = String(decoding: bytes[bare], as: UTF8.self)
        port = parts.port ?? 80
        authority = String(decoding: bytes[authorityRange], as: UTF8.self)
        let rest = String(decoding: bytes[target.path.lowerBound...], as: UTF8.self)
        self.target = target.path.isEmpty ? "/" + rest : rest
    }

    /// The target at the node that listens on `authority`, or nil where the one is no `HOST:PORT` or
    /// the other does not begin with `/`.
    public init?(authority: String, target: String) {
        guard target.utf8.first == UInt8(ascii: "/") else { return nil }
        self.init("http://" + authority + target)
        // An authority that holds a slash would have become part of the target.
        guard self.authority == authority else { return nil }
    }
}
