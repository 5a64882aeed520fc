import Primitives

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An address as the kernel takes and gives it, to bind or to connect to: a numeric host, a port that
/// may be 0 (the system chooses one), and the scope of a link-local IPv6 address.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host's part in this machine's byte order.
    enum KernelHost: Hashable, Sendable {
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64, scope: UInt32)
    }

    let kernelHost: KernelHost
    /// The port, 0 to 65535.
    public let port: UInt16

    init(_ kernelHost: KernelHost, port: UInt16) {
        self.kernelHost = kernelHost
        self.port = port
    }

    /// That address, or nil where its host is a name and must be looked up first.
    public init?(_ address: Address) {
        self.init(address.host, port: address.port)
    }

    /// That host with a port, 0 to let the system choose; nil where the host is a name.
    public init?(_ host: Host, port: UInt16) {
        switch host {
        case .ipv4(let bytes):
            self.init(.v4(UInt32(truncatingIfNeeded: SocketAddress.word(bytes[...]))), port: port)
        case .ipv6(let bytes):
            self.init(
                .v6(
                    high: SocketAddress.word(bytes[..<8]), low: SocketAddress.word(bytes[8...]),
                    scope: 0),
                port: port)
        case .name:
            return nil
        }
    }

    /// Loopback IPv4 with that port; 0 lets the system choose.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(.v4(0x7F00_0001), port: port)
    }

    /// What it is to the rest of the program, which knows no scope; nil where the port is 0, as a
    /// forged datagram may have it.
    public var address: Address? {
        port == 0 ? nil : Address(host: host, port: port)
    }

    /// The numeric host.
    public var host: Host {
        switch kernelHost {
        case .v4(let bits): .ipv4(SocketAddress.bytes(UInt64(bits)).suffix(4))
        case .v6(let high, let low, _):
            .ipv6(SocketAddress.bytes(high) + SocketAddress.bytes(low))
        }
    }

    /// The same host with another port.
    public func with(port: UInt16) -> SocketAddress { SocketAddress(kernelHost, port: port) }

    /// Whether it is an IPv6 address.
    public var isVersion6: Bool { if case .v6 = kernelHost { true } else { false } }

    /// The address as it is written: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`.
    public var description: String {
        switch kernelHost {
        case .v4: "\(host):\(port)"
        case .v6(_, _, 0): "[\(host)]:\(port)"
        case .v6(_, _, let scope): "[\(host)%\(scope)]:\(port)"
        }
    }

    /// The number that up to eight bytes in network order spell.
    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
}

extension SocketAddress {
    /// AF_INET or AF_INET6.
    var family: Int32 {
        switch kernelHost {
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
                .v4(UInt32(bigEndian: address.sin_addr.s_addr)),
                port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = unsafe withUnsafeBytes(of: storage) {
                unsafe $0.load(as: sockaddr_in6.self)
            }
            self.init(
                SocketAddress.kernelHost(address.sin6_addr, scope: address.sin6_scope_id),
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
        switch kernelHost {
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
    private static func kernelHost(_ address: in6_addr, scope: UInt32) -> KernelHost {
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
