import Configuration
import Primitives
import Server

extension Command {
    /// Reads a command line without the program's name.
    ///
    /// - Parameter environment: the variables that stand in for options that are left out.
    init(arguments: [String], environment: [String: String] = [:]) throws(UsageFault) {
        guard let name = arguments.first else {
            throw UsageFault(command: nil, message: "no command; try tally cluster")
        }
        switch name {
        case "--help", "-h": self = .help(nil)
        case "--version": self = .version
        case "help": self = .help(try Command.subject(ofHelp: arguments.dropFirst()))
        case "version":
            guard arguments.count == 1 else {
                throw UsageFault(
                    command: nil,
                    message: "\(quoted(arguments[1])) is too much; version stands alone")
            }
            self = .version
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
                self = try Command.parsed(
                    try Arguments(words, shape: shape, environment: environment))
            }
        }
    }

    /// The command that `tally help` is asked about, nil for all of them.
    private static func subject(ofHelp words: ArraySlice<String>) throws(UsageFault) -> String? {
        let names = words.filter { $0 != "--help" && $0 != "-h" }
        guard let name = names.first, name != "help", name != "version" else { return nil }
        guard names.count == 1 else {
            let more = names[names.startIndex + 1]
            throw UsageFault(
                command: nil, message: "\(quoted(more)) is too much; help takes one COMMAND")
        }
        guard CommandShape.all.contains(where: { $0.name == name }) else { throw unknown(name) }
        return name
    }

    private static func unknown(_ name: String) -> UsageFault {
        let what = name.hasPrefix("-") ? "option" : "command"
        let known = CommandShape.all.map(\.name) + ["help", "version", "--help", "--version"]
        let hint = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return UsageFault(command: nil, message: "there is no \(what) \(quoted(name))\(hint)")
    }

    private static func parsed(_ arguments: Arguments) throws(UsageFault) -> Command {
        switch arguments.shape.name {
        case "cluster": .cluster(try clusterOptions(arguments))
        case "serve": .serve(try serveOptions(arguments))
        case "check": .check(file: try file(arguments))
        case "get": .get(isStale: arguments.has("stale"), try valueOptions(arguments))
        case "set":
            .set(
                try number(arguments), ifIndex: try condition(arguments),
                try valueOptions(arguments))
        case "add": .add(try number(arguments), try valueOptions(arguments))
        case "transfer": .transfer(to: try successor(arguments), try valueOptions(arguments))
        case "status": .status(try statusOptions(arguments))
        case "members":
            .members(
                MembersOptions(
                    target: try target(arguments), isWatching: arguments.has("watch"),
                    isJSON: arguments.has("json")))
        case "backup": .backup(try backupOptions(arguments))
        case "restore": .restore(try restoreOptions(arguments))
        case "log": .log(try LogOptions(arguments))
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
        } else if let file = arguments.variable("config"), !arguments.has("nodes") {
            source = .file(file)
        }
        return ClusterOptions(
            source: source, data: arguments.valueOrVariable("data"),
            logFormat: try logFormat(arguments))
    }

    private static func serveOptions(_ arguments: Arguments) throws(UsageFault) -> ServeOptions {
        ServeOptions(
            config: arguments.valueOrVariable("config") ?? "",
            node: try node(arguments.value("node") ?? "", of: arguments),
            data: arguments.valueOrVariable("data"),
            isSupervised: arguments.has("supervised"), logFormat: try logFormat(arguments))
    }

    private static func node(
        _ name: String, of arguments: Arguments
    ) throws(UsageFault) -> NodeID {
        guard let node = NodeID(name) else {
            throw arguments.fault(
                "--node \(quoted(name)) is no node's id; it has 1 to 32 of A-Z a-z 0-9 . _ -")
        }
        return node
    }

    private static func logFormat(_ arguments: Arguments) throws(UsageFault) -> LogFormat {
        guard let text = arguments.value("log-format") else { return .text }
        guard let format = LogFormat(rawValue: text) else {
            throw arguments.fault("--log-format \(quoted(text)) is not known; take text or json")
        }
        return format
    }

    private static func valueOptions(_ arguments: Arguments) throws(UsageFault) -> ValueOptions {
        ValueOptions(
            target: try target(arguments), timeout: try timeout(arguments),
            isJSON: arguments.has("json"))
    }

    private static func backupOptions(_ arguments: Arguments) throws(UsageFault) -> BackupOptions {
        guard let file = arguments.operand, !file.isEmpty else {
            throw arguments.fault("the file's name is empty; write tally backup FILE")
        }
        var source = BackupOptions.Source.cluster(
            try target(arguments), timeout: try timeout(arguments))
        if let directory = arguments.value("from") {
            if let other = ["config", "url", "timeout"].first(where: { arguments.has($0) }) {
                throw arguments.fault("--from reads a directory; leave out --\(other) or --from")
            }
            source = .directory(directory)
        }
        return BackupOptions(file: file, source: source, isForced: arguments.has("force"))
    }

    private static func restoreOptions(
        _ arguments: Arguments
    ) throws(UsageFault) -> RestoreOptions {
        guard let file = arguments.operand, !file.isEmpty else {
            throw arguments.fault("the file's name is empty; write tally restore FILE")
        }
        var node: NodeID?
        if let name = arguments.value("node") { node = try self.node(name, of: arguments) }
        return RestoreOptions(
            file: file, config: arguments.valueOrVariable("config") ?? "",
            data: arguments.valueOrVariable("data"), node: node)
    }

    private static func statusOptions(_ arguments: Arguments) throws(UsageFault) -> StatusOptions {
        let options = StatusOptions(
            target: try target(arguments), isWatching: arguments.has("watch"),
            isJSON: arguments.has("json"), isChecking: arguments.has("check"),
            timeout: try timeout(arguments))
        if options.isChecking, options.isWatching {
            throw arguments.fault("--check looks once, and --watch does not; leave out one of them")
        }
        return options
    }

    /// Seconds, with up to three digits behind the point.
    private static func timeout(_ arguments: Arguments) throws(UsageFault) -> Timespan? {
        guard let text = arguments.value("timeout") else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            (1...6).contains(part.count) && part.utf8.allSatisfy(\.isDigit)
        }
        guard areDigits, parts.count <= 2, let seconds = Int(parts[0]), seconds <= 86_400,
            let thousandths = Int((parts.dropFirst().first ?? "0").padded(to: 3)),
            seconds * 1_000 + thousandths > 0
        else {
            throw arguments.fault(
                "--timeout \(quoted(text)) is no time; write seconds, such as 2 or 0.5"
            )
        }
        return .milliseconds(seconds * 1_000 + thousandths)
    }

    private static func file(_ arguments: Arguments) throws(UsageFault) -> String {
        guard let file = arguments.operand, !file.isEmpty else {
            throw arguments.fault("the file's name is empty; write tally check FILE")
        }
        return file
    }

    /// The voter that is to lead, nil for any.
    private static func successor(_ arguments: Arguments) throws(UsageFault) -> NodeID? {
        guard let name = arguments.value("to") else { return nil }
        guard let node = NodeID(name) else {
            throw arguments.fault(
                "--to \(quoted(name)) is no node's id; it has 1 to 32 of A-Z a-z 0-9 . _ -")
        }
        return node
    }

    /// The index of the last change on which a set depends, nil for none.
    private static func condition(_ arguments: Arguments) throws(UsageFault) -> UInt64? {
        guard let text = arguments.value("if-index") else { return nil }
        guard text.utf8.allSatisfy(\.isDigit), let index = UInt64(text) else {
            throw arguments.fault(
                "--if-index \(quoted(text)) is no index; write the one of the last change, such as 12"
            )
        }
        return index
    }

    /// The operand as a value: `-?[0-9]+` in Int64's range.
    private static func number(_ arguments: Arguments) throws(UsageFault) -> Int64 {
        let text = arguments.operand ?? ""
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit) else {
            throw arguments.fault("\(quoted(text)) is no value; write digits, such as 12 or -12")
        }
        guard let number = Int64(text) else {
            throw arguments.fault(
                "\(quoted(text)) is out of range; N goes from \(Int64.min) to \(Int64.max)")
        }
        return number
    }
}

extension Substring {
    /// The first digits behind a point, with zeros where there are fewer.
    fileprivate func padded(to count: Int) -> String {
        String(prefix(count)) + String(repeating: "0", count: Swift.max(0, count - self.count))
    }
}
