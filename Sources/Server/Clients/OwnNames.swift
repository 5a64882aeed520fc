import Configuration
import HTTP
import Primitives

/// What this node is called by those who write to it: the hosts of its entry in the config file, the
/// name of its machine, and `localhost`.
///
/// A page elsewhere can send a browser here, by this node's address (its Origin tells) or by a name of
/// its own that it lets point here (Host tells, and is how a DNS rebinding is seen). A host that is an
/// address of this machine, its name or `localhost` can't be such a name.
struct OwnNames: Sendable {
    /// The hosts as they are written, in small letters: what nearly every request has.
    private let spellings: [[UInt8]]
    private let hosts: [Host]
    /// Where the node's own pages come from.
    private let origins: [Address]

    /// The names of the node with that entry, on a machine of that name.
    init(_ node: NodeConfiguration, machine: String?) {
        let given = [node.addresses, node.advertise].flatMap {
            [$0.http, $0.raft, $0.gossip].compactMap { $0 }
        }
        let concrete = given.filter { !$0.isUnspecified }
        let named = machine.flatMap { Host(authorityHost: Array($0.utf8)) }
        hosts = concrete.map(\.host.plain) + [named].compactMap { $0 }
        spellings = concrete.map { address in
            let text = address.hostText.lowercased()
            return Array((address.description.first == "[" ? "[\(text)]" : text).utf8)
        }
        origins = [node.addresses.http, node.advertise.http].compactMap { $0 }
    }

    /// Whether the host, as it stands in an authority, is written as in the config file.
    func areSpelled(_ host: ArraySlice<UInt8>) -> Bool {
        for spelling in spellings where spelling.count == host.count {
            if zip(spelling, host).allSatisfy({ $0 == OwnNames.lowercased($1) }) { return true }
        }
        return false
    }

    /// Whether a host is this node.
    ///
    /// - Parameter local: The address of this machine that the client has reached.
    func include(_ host: Host, reachedAt local: Host?) -> Bool {
        hosts.contains(host) || host.isLoopback || host == local
    }

    /// Whether a page's origin is this node: that of the request itself, or one of the node's addresses
    /// for clients.
    func include(origin: Origin, of request: Origin?) -> Bool {
        if let request, origin.isSameOrigin(asRequested: request) { return true }
        return origins.contains {
            $0.host.plain == origin.host && Int($0.port) == origin.port
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
