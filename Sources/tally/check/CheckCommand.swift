import Configuration

/// `tally check FILE`, and the check that `serve` and `cluster` begin with.
enum CheckCommand {
    /// Says on standard output what is wrong with the file, or `ok`.
    static func run(file: String) -> ExitCode {
        guard let check = checked(file, command: "check", mayBeInput: true) else {
            return .configuration
        }
        for line in report(of: check) { Console.results.line(line) }
        return check.faults.isEmpty ? .fine : .configuration
    }

    /// The lines of the report: faults, then warnings, then `ok` where no fault is.
    static func report(of check: ConfigurationCheck) -> [String] {
        check.faults.map(\.description) + check.warnings.map { "warning: \($0)" }
            + (check.faults.isEmpty ? ["ok"] : [])
    }

    /// The cluster that `serve` is to run a node of, or nil where its file or the node's part in it
    /// is of no use; standard error then says why.
    static func configuration(for options: ServeOptions) -> ClusterConfiguration? {
        configuration(file: options.config, command: "serve") {
            $0.faults(forServing: options.node)
        }
    }

    /// The cluster that `cluster` is to start, or nil where its file is of no use; standard error
    /// then says why.
    static func configuration(for options: ClusterOptions) -> ClusterConfiguration? {
        switch options.source {
        case .builtIn(let nodes): .builtIn(nodes: nodes)
        case .file(let file):
            configuration(file: file, command: "cluster") { $0.faultsForServingAll() }
        }
    }

    /// The cluster of the file for a command that is about to use it, and needs more of it than
    /// that it be right. Faults and warnings go to standard error; nil where there are faults.
    static func configuration(
        file: String, command: String,
        needs: (ClusterConfiguration) -> [ConfigurationFault] = { _ in [] }
    ) -> ClusterConfiguration? {
        guard let check = checked(file, command: command) else { return nil }
        let faults = check.configuration.map(needs) ?? check.faults
        for fault in faults { Console.faults.line("\(file): \(fault)") }
        // Whoever only asks a cluster can't do anything about how it is laid out.
        let warnings = command == "serve" || command == "cluster" ? check.warnings : []
        for warning in warnings { Console.faults.line("warning: \(file): \(warning)") }
        return faults.isEmpty ? check.configuration : nil
    }

    /// Reads and checks the file; `-` is standard input where it may be.
    private static func checked(
        _ file: String, command: String, mayBeInput: Bool = false
    ) -> ConfigurationCheck? {
        let isInput = mayBeInput && file == "-"
        do throws(FileFault) {
            let limit = ConfigurationLimits.fileBytes
            let bytes =
                isInput ? try readStandardInput(limit: limit) : try readFile(file, limit: limit)
            return ConfigurationCheck(bytes: bytes)
        } catch {
            let name = isInput ? "standard input" : file
            Console.faults.line("tally \(command): can't read \(name): \(error.reason)")
            return nil
        }
    }
}
