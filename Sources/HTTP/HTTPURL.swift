import Primitives

/// An `http` address taken apart (RFC 9110 §4.2.1): where to connect, and what to ask for.
public struct HTTPURL: Sendable, Equatable {
    /// Where to connect; its port is 80 where none is written.
    public let address: Address

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
        guard let parts = Authority(bytes.span, in: authorityRange),
            let address = Address(bytes: bytes[parts.host] + Array(":\(parts.port ?? 80)".utf8))
        else { return nil }
        self.address = address
        authority = String(decoding: bytes[authorityRange], as: UTF8.self)
        let rest = String(decoding: bytes[target.path.lowerBound...], as: UTF8.self)
        self.target = target.path.isEmpty ? "/" + rest : rest
    }

    /// The target at the node that listens on that address, or nil where it is no path and query.
    public init?(_ address: Address, target: String) {
        guard target.utf8.first == UInt8(ascii: "/") else { return nil }
        self.init("http://\(address)\(target)")
    }
}
