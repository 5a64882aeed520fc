import Primitives

/// Where a page comes from, or what a request asks: a host, perhaps a port (RFC 6454 §4).
public struct Origin: Equatable, Sendable {
    /// The host in its one form for comparisons.
    public let host: Host

    /// The port as it is written, else that of the scheme.
    public var port: Int { writtenPort ?? schemePort }

    /// The port, 0 to 65535, or nil where none is written.
    public let writtenPort: Int?

    /// The port of the scheme: 443 for `https`, 80 for `http` and where there is no scheme.
    public let schemePort: Int

    /// What an authority says; nil where it names no host.
    public init?(authority bytes: some Collection<UInt8>) {
        self.init(authority: Array(bytes), schemePort: 80)
    }

    /// What the field Origin says (RFC 6454 §7); nil for `null` and whatever is no page of the web.
    public init?(field bytes: some Collection<UInt8>) {
        let schemes: [(prefix: String, port: Int)] = [("http://", 80), ("https://", 443)]
        for scheme in schemes where bytes.starts(with: scheme.prefix.utf8) {
            let authority = Array(bytes.dropFirst(scheme.prefix.utf8.count))
            self.init(authority: authority, schemePort: scheme.port)
            return
        }
        return nil
    }

    private init?(authority text: [UInt8], schemePort: Int) {
        guard let authority = Authority(text.span, in: 0..<text.count),
            let host = Host(authorityHost: text[authority.host])
        else { return nil }
        self.host = host
        writtenPort = authority.port
        self.schemePort = schemePort
    }

    /// Whether a page of this origin belongs to the server that the request asks.
    ///
    /// A port that the request does not write is that of the scheme, which only the page knows.
    public func isSameOrigin(asRequested request: Origin) -> Bool {
        host == request.host && port == request.writtenPort ?? schemePort
    }
}
