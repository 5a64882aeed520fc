#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An address that a socket can be bound or connected to: IPv4 or IPv6, and a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host's part in this machine's byte order.
    enum Host: Hashable, Sendable {
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64, scope: UInt32)
    }

    let host: Host
    /// The port, 0 to 65535.
    public let port: UInt16

    init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The address written as `127.0.0.1:80` or `[::1]:80`; nil where it is not, or where a name
    /// stands instead of a number.
    public init?(_ text: String) {
        guard let address = Endpoint(text)?.numericAddress else { return nil }
        self = address
    }

    /// The numeric host (`127.0.0.1`, `::1`; no brackets) with a port; nil where it is no number.
    public init?(host text: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        // Each call writes the structure of the family that it is asked for.
        if unsafe inet_pton(AF_INET, text, &v4) == 1 {
            self.init(host: .v4(UInt32(bigEndian: v4.s_addr)), port: port)
        } else if unsafe inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(host: SocketAddress.host(v6, scope: 0), port: port)
        } else {
            return nil
        }
    }

    /// Loopback IPv4 with that port; 0 lets the system choose.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(host: .v4(0x7F00_0001), port: port)
    }

    /// Whether it never leaves this machine: 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        switch host {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let high, let low, _): high == 0 && low == 1
        }
    }

    /// Whether it means every address of this machine: 0.0.0.0 or ::.
    public var isUnspecified: Bool {
        switch host {
        case .v4(let bits): bits == 0
        case .v6(let high, let low, _): high == 0 && low == 0
        }
    }

    /// Whether it is an IPv6 address.
    public var isVersion6: Bool { if case .v6 = host { true } else { false } }

    /// The address as it is written: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`.
    public var description: String {
        switch host {
        case .v4(let bits):
            let parts = [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xFF) }
            return "\(parts.joined(separator: ".")):\(port)"
        case .v6(let high, let low, let scope):
            var bytes = SocketAddress.in6(high, low)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            // The call reads one in6_addr and ends its text within the length that it is told.
            _ = unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
            let name = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return scope == 0 ? "[\(name)]:\(port)" : "[\(name)%\(scope)]:\(port)"
        }
    }
}

extension SocketAddress {
    /// AF_INET or AF_INET6.
    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// The address as the kernel gave it; nil for another family.
    init?(_ storage: sockaddr_storage) {
        // sockaddr_storage is as large and as aligned as every address of its kind, and its family
        // says which of them lies in it.
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = unsafe withUnsafeBytes(of: storage) {
                unsafe $0.load(as: sockaddr_in.self)
            }
            self.init(
                host: .v4(UInt32(bigEndian: address.sin_addr.s_addr)),
                port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = unsafe withUnsafeBytes(of: storage) {
                unsafe $0.load(as: sockaddr_in6.self)
            }
            self.init(
                host: SocketAddress.host(address.sin6_addr, scope: address.sin6_scope_id),
                port: UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }

    /// Shows the address to `body` as the kernel wants it: a pointer, and the length behind it.
    ///
    /// The pointer is good until `body` returns, and its target is as long as the length says.
    func withSystemAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch host {
        case .v4(let bits):
            var address = sockaddr_in()
            #if canImport(Darwin)
                address.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
            #endif
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = bits.bigEndian
            return unsafe lend(&address, to: body)
        case .v6(let high, let low, let scope):
            var address = sockaddr_in6()
            #if canImport(Darwin)
                address.sin6_len = UInt8(MemoryLayout<sockaddr_in6>.size)
            #endif
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = SocketAddress.in6(high, low)
            address.sin6_scope_id = scope
            return unsafe lend(&address, to: body)
        }
    }

    private func lend<Address, Result>(
        _ address: inout Address, to body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    // The fields of in6_addr have other names on each system, its 16 bytes have not.
    private static func host(_ address: in6_addr, scope: UInt32) -> Host {
        unsafe withUnsafeBytes(of: address) {
            .v6(
                high: UInt64(bigEndian: unsafe $0.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: unsafe $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                scope: scope)
        }
    }

    private static func in6(_ high: UInt64, _ low: UInt64) -> in6_addr {
        var address = in6_addr()
        unsafe withUnsafeMutableBytes(of: &address) {
            unsafe $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}
