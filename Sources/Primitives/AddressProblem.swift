/// Why a text is no `HOST:PORT`.
public enum AddressProblem: Error, Hashable, Sendable {
    case missingPort, missingHost, badPort, missingBrackets, badIPv4, badIPv6, badName, url

    /// What is wrong and what to write instead, to follow the text in question.
    public var message: String {
        switch self {
        case .missingPort: "has no port; write HOST:PORT, such as 127.0.0.1:8001"
        case .missingHost: "has no host; write HOST:PORT, such as 127.0.0.1:8001"
        case .badPort: "has no good port; after the colon comes a number from 1 to 65535"
        case .missingBrackets: "needs brackets around its IPv6 address, such as [::1]:8001"
        case .badIPv4: "is no IPv4 address; it has four numbers from 0 to 255, such as 10.0.0.7"
        case .badIPv6: "holds no IPv6 address in its brackets; write it such as [::1]:8001"
        case .url: "is a URL; write HOST:PORT without http:// before it, such as 127.0.0.1:8001"
        case .badName: "has no good host; write an address or a name of letters, digits, - and ."
        }
    }
}
