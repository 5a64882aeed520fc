import Configuration
import HTTP
import Posix
import Primitives

/// Whose wish a write is: a page that is not this node's own may send a browser here, and is refused.
extension Clients {
    /// Why a request that changes something comes from elsewhere, or nil where it does not.
    ///
    /// Programs send no Origin, and the host that they were told to ask. Nearly all of them are let
    /// through by the comparison of a few bytes.
    func foreignOrigin(
        of request: HTTP.Request, from client: ClientConnection, in buffer: [UInt8],
        _ core: borrowing CounterNode
    ) -> ProblemDetails? {
        if let range = request.authority {
            let authority = Authority(buffer.span, in: range)
            let host = authority.map { buffer[$0.host] } ?? []
            guard isOwn(host, client) else {
                return ProblemDetails(
                    .foreignOrigin,
                    """
                    Host names \(text(host)), which is none of this node's names and addresses. A proxy in \
                    front sends the advertised one, \(text(core.node.identity.http[...])).
                    """)
            }
        }
        guard let range = request.origin else { return nil }
        let asked = request.authority.flatMap { Origin(authority: buffer[$0]) }
        if let origin = Origin(field: buffer[range]), ownNames.include(origin: origin, of: asked) {
            return nil
        }
        return ProblemDetails(
            .foreignOrigin,
            "Origin is \(text(buffer[range])): a page that is not this node's own may not write.")
    }

    private func isOwn(_ host: ArraySlice<UInt8>, _ client: ClientConnection) -> Bool {
        if ownNames.areSpelled(host) || client.knownHost.elementsEqual(host) { return true }
        guard let asked = Host(authorityHost: host) else { return false }
        let local = (try? client.stream.localAddress())?.host.plain
        guard ownNames.include(asked, reachedAt: local) else { return false }
        client.knownHost = Array(host)
        return true
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(128), as: UTF8.self)
    }
}
