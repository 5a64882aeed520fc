import Configuration
import Posix
import Primitives
import Server

/// `tally cluster`: every node of a cluster as a process on this machine.
enum ClusterCommand {
    /// Runs the cluster until it is stopped, or no node is left.
    static func run(_ options: ClusterOptions) -> ExitCode {
        guard let cluster = CheckCommand.configuration(for: options) else { return .configuration }
        guard let executable = CurrentProcess.executablePath else {
            Console.faults.line("tally cluster: the system does not say where this program lies")
            return .diskError
        }
        let directory = options.data ?? ServeCommand.defaultData(of: cluster)
        let file: String
        do throws(FileError) {
            try FileSystem.createDirectory(directory)
            file = try configurationFile(options.source, cluster, in: directory)
        } catch {
            let isAdrift = error.errno == .noSuchFile && !CurrentProcess.hasWorkingDirectory
            Console.faults.line(
                "tally cluster: can't \(error)"
                    + (isAdrift ? " (the working directory is gone)" : ""))
            return .diskError
        }
        do throws(Errno) {
            let supervisor = try Supervisor(
                executable: executable,
                nodes: cluster.nodes.map {
                    supervised($0, file: file, in: directory, logFormat: options.logFormat)
                },
                voters: Set(cluster.foundingVoters))
            return try supervisor.run()
        } catch {
            // The nodes' lifelines end with this process, and they with them.
            Console.faults.line("tally cluster: \(error)")
            return .diskError
        }
    }

    /// The file that the nodes read; the built-in cluster has none, and gets one among its data.
    private static func configurationFile(
        _ source: ClusterOptions.Source, _ cluster: ClusterConfiguration, in directory: String
    ) throws(FileError) -> String {
        switch source {
        case .file(let file): return file
        case .builtIn:
            let file = "\(directory)/cluster.json"
            try FileSystem.replaceAtomically(file, with: Array(cluster.jsonText.utf8))
            return file
        }
    }

    private static func supervised(
        _ node: NodeConfiguration, file: String, in directory: String, logFormat: LogFormat
    ) -> SupervisedNode {
        // The check asks for all addresses of every node that is to run here.
        guard let http = node.advertisedHTTP else {
            preconditionFailure("\(node.id) is to run here and has no http address")
        }
        return SupervisedNode(
            id: node.id, data: directory, http: http,
            arguments: [
                "serve", "--config=\(file)", "--node=\(node.id)", "--data=\(directory)",
                "--log-format=\(logFormat)", "--supervised",
            ])
    }
}
