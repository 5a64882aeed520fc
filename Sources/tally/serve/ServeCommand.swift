import Configuration
import Primitives
import Server

/// `tally serve`: one node in the foreground.
enum ServeCommand {
    /// Runs the node until it ends.
    static func run(_ options: ServeOptions) -> ExitCode {
        guard let configuration = CheckCommand.configuration(for: options) else {
            return .configuration
        }
        let data = options.data ?? defaultData(of: configuration)
        let exit = NodeProcess.run(
            configuration: configuration, node: options.node,
            dataDirectory: "\(data)/\(options.node)", isSupervised: options.isSupervised,
            logFormat: options.logFormat)
        guard let code = ExitCode(rawValue: exit.code) else {
            preconditionFailure("a node ended with \(exit.code)")
        }
        return code
    }

    /// Where the nodes' directories lie unless `--data` says otherwise.
    static func defaultData(of configuration: ClusterConfiguration) -> String {
        "tally-data/\(configuration.cluster)"
    }
}
