import Configuration
import Primitives
import Server

extension Command {
    /// Reads a command line without the program's name.
    init(arguments: [String]) throws(UsageFault) {
        guard let name = arguments.first else {
            throw UsageFault(command: nil, message: "no command; try tally cluster")
        }
        switch name {
        case "--help", "-h": self = .help(nil)
        case "--version": self = .version
        default:
            guard let shape = CommandShape.all.first(where: { $0.name == name }) else {
                throw Command.unknown(name)
            }
            // A question is answered before anything else on the line is judged.
            let words = arguments.dropFirst()
            if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" })
            {
                self = .help(name)
            } else {
                self = try Command.parsed(try Arguments(words, shape: shape))
            }
        }
    }

    private static func unknown(_ name: String) -> UsageFault {
        let what = name.hasPrefix("-") ? "option" : "command"
        let known = CommandShape.all.map(\.name) + ["--help", "--version"]
        let hint = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return UsageFault(command: nil, message: "there is no \(what) \(quoted(name))\(hint)")
    }

    private static func parsed(_ arguments: Arguments) throws(UsageFault) -> Command {
        switch arguments.shape.name {
        case "cluster": .cluster(try clusterOptions(arguments))
        case "serve": .serve(try serveOptions(arguments))
        case "check": .check(file: try file(arguments))
        case "get": .get(isStale: arguments.has("stale"), try target(arguments))
        case "set": .set(try number(arguments), try target(arguments))
        case "add": .add(try number(arguments), try target(arguments))
        case "status":
            .status(
                StatusOptions(
                    target: try target(arguments), isWatching: arguments.has("watch"),
                    isJSON: arguments.has("json")))
        case "members":
            .members(
                MembersOptions(target: try target(arguments), isJSON: arguments.has("json")))
        case "simulate" where arguments.has("gossip"):
            .simulateGossip(try SimulateGossipOptions(arguments))
        case "simulate": .simulate(try SimulateOptions(arguments))
        case "contrast": .contrast(try ContrastOptions(arguments))
        case let name: preconditionFailure("the command \(name) has a shape and no meaning")
        }
    }

    private static func clusterOptions(
        _ arguments: Arguments
    ) throws(UsageFault) -> ClusterOptions {
        var source = ClusterOptions.Source.builtIn(nodes: 3)
        if let text = arguments.value("nodes") {
            guard let size = Int(text), ClusterConfiguration.builtInSizes.contains(size) else {
                throw arguments.fault(
                    "--nodes \(quoted(text)) is not possible; take 3 or 5, or --config FILE")
            }
            source = .builtIn(nodes: size)
        }
        if let file = arguments.value("config") {
            if arguments.has("nodes") {
                throw arguments.fault("the file says how many nodes; leave out --nodes or --config")
            }
            source = .file(file)
        }
        return ClusterOptions(
            source: source, data: arguments.value("data"), logFormat: try logFormat(arguments))
    }

    private static func serveOptions(_ arguments: Arguments) throws(UsageFault) -> ServeOptions {
        let name = arguments.value("node") ?? ""
        guard let node = NodeID(name) else {
            throw arguments.fault(
                "--node \(quoted(name)) is no node's id; it has 1 to 32 of A-Z a-z 0-9 . _ -")
        }
        return ServeOptions(
            config: arguments.value("config") ?? "", node: node, data: arguments.value("data"),
            isSupervised: arguments.has("supervised"), logFormat: try logFormat(arguments))
    }

    private static func logFormat(_ arguments: Arguments) throws(UsageFault) -> LogFormat {
        guard let text = arguments.value("log-format") else { return .text }
        guard let format = LogFormat(rawValue: text) else {
            throw arguments.fault("--log-format \(quoted(text)) is not known; take text or json")
        }
        return format
    }

    private static func file(_ arguments: Arguments) throws(UsageFault) -> String {
        guard let file = arguments.operand, !file.isEmpty else {
            throw arguments.fault("the file's name is empty; write tally check FILE")
        }
        return file
    }

    /// The operand as a value: `-?[0-9]+` in Int64's range.
    private static func number(_ arguments: Arguments) throws(UsageFault) -> Int64 {
        let text = arguments.operand ?? ""
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let areDigits = digits.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard !digits.isEmpty, areDigits else {
            throw arguments.fault("\(quoted(text)) is no value; write digits, such as 12 or -12")
        }
        guard let number = Int64(text) else {
            throw arguments.fault(
                "\(quoted(text)) is out of range; N goes from \(Int64.min) to \(Int64.max)")
        }
        return number
    }

    private static func target(_ arguments: Arguments) throws(UsageFault) -> Target {
        let urls = arguments.allValues("url")
        if let file = arguments.value("config") {
            guard urls.isEmpty else {
                throw arguments.fault("--config and --url both say where; leave out one of them")
            }
            return .file(file)
        }
        var addresses: [HostPort] = []
        for url in urls {
            addresses.append(try address(of: url, arguments))
        }
        return addresses.isEmpty ? .builtIn : .addresses(addresses)
    }

    /// The address that a URL of a node names: `http://HOST:PORT`, with or without a slash at its end,
    /// or the bare `HOST:PORT`. Port 80 may be left out of a URL, as everywhere.
    private static func address(
        of url: String, _ arguments: Arguments
    ) throws(UsageFault) -> HostPort {
        let scheme = "http://"
        let isURL = url.lowercased().hasPrefix(scheme)
        var authority = isURL ? url.dropFirst(scheme.count) : url[...]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        if url.contains("://"), !isURL {
            throw arguments.fault("--url \(quoted(url)) can't be used; nodes speak http:// only")
        }
        if authority.contains(where: { "/?#@".contains($0) }) {
            throw arguments.fault(
                "--url \(quoted(url)) says too much; write http://HOST:PORT and nothing after it")
        }
        do throws(HostPortProblem) {
            do throws(HostPortProblem) {
                return try HostPort(authority)
            } catch  where error == .missingPort && isURL {
                return try HostPort(authority + ":80")
            }
        } catch {
            throw arguments.fault("--url \(quoted(url)) \(error.message)")
        }
    }
}
