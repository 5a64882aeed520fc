import Configuration
import Primitives

extension Command {
    /// Where the command looks. An option wins over the environment, which may hold a file for the
    /// nodes and a URL for the clients: there the URL says more.
    static func target(_ arguments: Arguments) throws(UsageFault) -> Target {
        let urls = arguments.allValues("url")
        if let file = arguments.value("config") {
            guard urls.isEmpty else {
                throw arguments.fault("--config and --url both say where; leave out one of them")
            }
            return .file(file)
        }
        if !urls.isEmpty { return .addresses(try addresses(of: urls, "--url", arguments)) }
        if let list = arguments.variable("url") {
            let urls = list.split(separator: ",").map { word in
                String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            return .addresses(try addresses(of: urls, "TALLY_URL", arguments))
        }
        return arguments.variable("config").map { .file($0) } ?? .builtIn
    }

    private static func addresses(
        of urls: [String], _ source: String, _ arguments: Arguments
    ) throws(UsageFault) -> [Address] {
        var addresses: [Address] = []
        for url in urls { addresses.append(try address(of: url, source, arguments)) }
        guard !addresses.isEmpty else { throw arguments.fault("\(source) names no node") }
        return addresses
    }

    /// The address that a URL of a node names: `http://HOST:PORT`, with or without a slash at its end,
    /// or the bare `HOST:PORT`. Port 80 may be left out of a URL, as everywhere.
    private static func address(
        of url: String, _ source: String, _ arguments: Arguments
    ) throws(UsageFault) -> Address {
        let scheme = "http://"
        let isURL = url.lowercased().hasPrefix(scheme)
        var authority = isURL ? url.dropFirst(scheme.count) : url[...]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        if url.contains("://"), !isURL {
            throw arguments.fault(
                "\(source) \(quoted(url)) can't be used; nodes speak http:// only")
        }
        if authority.contains(where: { "/?#@".contains($0) }) {
            throw arguments.fault(
                "\(source) \(quoted(url)) says too much; write http://HOST:PORT and nothing after it"
            )
        }
        do throws(AddressProblem) {
            do throws(AddressProblem) {
                return try Address(authority)
            } catch  where error == .missingPort && isURL {
                return try Address(authority + ":80")
            }
        } catch {
            throw arguments.fault("\(source) \(quoted(url)) \(error.message)")
        }
    }
}
