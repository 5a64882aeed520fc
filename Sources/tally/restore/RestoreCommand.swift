import Configuration
import Primitives
import Server

/// `tally restore`: the directories of a new cluster that begins with the state of a backup.
enum RestoreCommand {
    /// Makes the directories, or says why it makes none.
    static func run(_ options: RestoreOptions) -> ExitCode {
        guard
            let cluster = CheckCommand.configuration(file: options.config, command: "restore")
        else { return .configuration }
        if let node = options.node, !cluster.foundingVoters.contains(node) {
            return fail(
                .configuration, "\(node) is no founding voter of \(options.config)")
        }
        let backup: BackupFile
        do throws(FileFault) {
            let limit = BackupFile.byteLimit
            let bytes =
                options.file == "-"
                ? try readStandardInput(limit: limit) : try readFile(options.file, limit: limit)
            do throws(BackupFault) {
                backup = try BackupFile(bytes)
            } catch {
                return fail(.damagedData, "\(options.file): \(error)")
            }
        } catch {
            return fail(.diskError, "can't read \(options.file): \(error.reason)")
        }
        guard let state = RestoredState(backup, cluster: Array(cluster.cluster.utf8)) else {
            return fail(.damagedData, "\(options.file): its index can't move on any further")
        }
        return prepare(
            options.node.map { [$0] } ?? cluster.foundingVoters, state, backup, cluster, options)
    }

    private static func prepare(
        _ nodes: [NodeID], _ state: RestoredState, _ backup: BackupFile,
        _ cluster: ClusterConfiguration, _ options: RestoreOptions
    ) -> ExitCode {
        let data = options.data ?? ServeCommand.defaultData(of: cluster)
        do throws(RestoreFault) {
            // All or none, as far as that can be known before.
            for node in nodes {
                let path = "\(data)/\(node)"
                guard try RestoredState.isFree(path) else { throw .occupied(path) }
            }
            for node in nodes {
                let disk = try state.prepare("\(data)/\(node)", node: node)
                Console.results.line("\(data)/\(node): disk \(disk)")
            }
        } catch {
            return fail(ExitCode(error), "\(error)")
        }
        Console.results.line("the backup: \(BackupCommand.summary(of: backup))")
        Console.results.line(
            "the new cluster \(cluster.cluster) begins with the value \(backup.value) at index "
                + "\(state.index), term \(state.term), without keys; backup "
                + state.digest.padded(to: 16, radix: 16))
        Console.results.line(next(options, cluster))
        return .fine
    }

    private static func next(_ options: RestoreOptions, _ cluster: ClusterConfiguration) -> String {
        let others = cluster.foundingVoters.filter { $0 != options.node }
        guard options.node != nil, !others.isEmpty else { return "start all its nodes now" }
        let names = others.map(\.description).joined(separator: ", ")
        return "restore \(names) from the same file, then start all nodes"
    }

    private static func fail(_ code: ExitCode, _ text: String) -> ExitCode {
        Console.faults.line("tally restore: \(text)")
        return code
    }
}

extension ExitCode {
    /// How a command ends that met the fault.
    init(_ fault: RestoreFault) {
        guard let code = ExitCode(rawValue: fault.exitCode) else {
            preconditionFailure("no exit code \(fault.exitCode)")
        }
        self = code
    }
}
