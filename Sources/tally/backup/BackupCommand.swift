import Client
import Posix
import Primitives
import Server

/// `tally backup`: the state of a cluster as a file.
enum BackupCommand {
    /// How long a running cluster has, unless it is said: a large state comes over a slow line.
    private static let timeout = Timespan.milliseconds(60_000)

    /// Gets the state, checks it, and only then gives the file its name.
    static func run(_ options: BackupOptions) -> ExitCode {
        if options.file != "-", !options.isForced {
            do throws(FileError) {
                if try FileSystem.exists(options.file) {
                    return fail(.usage, "\(options.file) is there already; --force replaces it")
                }
            } catch {
                return fail(.diskError, "can't \(error)")
            }
        }
        switch options.source {
        case .cluster(let target, let timeout):
            return save(target, timeout ?? BackupCommand.timeout, as: options.file)
        case .directory(let directory): return save(directory, as: options.file)
        }
    }

    private static func save(_ target: Target, _ timeout: Timespan, as file: String) -> ExitCode {
        guard let known = target.nodes(command: "backup") else { return .configuration }
        var timeouts = known.timeouts
        timeouts.overall = timeout
        timeouts.response = timeout
        let progress = ProgressLine()
        let answer: Answer
        var lostMajority: String?
        do throws(Errno) {
            answer = try ClusterClient(known.addresses, timeouts: timeouts).snapshot {
                progress.show($0, of: $1)
            }
            progress.clear()
            if case .notApplied = answer { lostMajority = try known.lostMajority() }
        } catch {
            return fail(.tryAgain, "\(error)")
        }
        switch answer {
        case .snapshot(let bytes):
            do throws(BackupFault) {
                return write(try BackupFile(bytes), to: file)
            } catch {
                return fail(.damagedData, "what came is of no use: \(error)")
            }
        case .refused(let why, _, _): return fail(.refused, "refused: \(why)")
        case .notApplied(let why), .unknown(let why):
            return fail(
                .tryAgain, "no node can give the state out now: \(lostMajority ?? why)")
        case .unreachable(let why): return fail(.unreachable, "no node answers: \(why)")
        case .value, .leads: return fail(.tryAgain, "what came is no backup")
        }
    }

    private static func save(_ directory: String, as file: String) -> ExitCode {
        do throws(OfflineFault) {
            let log = try OfflineLog(reading: directory)
            let found = try log.backup()
            let code = write(found.backup, to: file)
            guard code == .fine else { return code }
            let later = found.entriesOfUnknownFate
            say(
                later == 0
                    ? "no entry follows that \(log.node) knows of"
                    : "\(later) later \(later == 1 ? "entry is" : "entries are") of unknown fate and "
                        + "not in it: 'tally log \(directory)' shows them", beside: file)
            if let pid = log.holder {
                say(
                    "process \(pid) runs \(log.node): what it commits now is not in it",
                    beside: file)
            }
            return .fine
        } catch {
            return fail(ExitCode(error), "\(error)")
        }
    }

    private static func write(_ backup: BackupFile, to file: String) -> ExitCode {
        if file == "-" {
            Console.results.write(bytes: backup.bytes)
        } else {
            do throws(FileError) {
                try FileSystem.replaceAtomically(file, with: backup.bytes)
            } catch {
                return fail(.diskError, "can't \(error)")
            }
        }
        say("\(file == "-" ? "backup" : file): \(summary(of: backup))", beside: file)
        return .fine
    }

    /// What a backup holds, in one line.
    static func summary(of backup: BackupFile) -> String {
        "value \(backup.value), index \(backup.index), term \(backup.term), "
            + "\(backup.keys) \(backup.keys == 1 ? "key" : "keys"), cluster \(backup.cluster), "
            + "\(backup.bytes.count) bytes"
    }

    /// Standard output is for the file where that was asked for.
    private static func say(_ text: String, beside file: String) {
        (file == "-" ? Console.faults : .results).line(text)
    }

    private static func fail(_ code: ExitCode, _ text: String) -> ExitCode {
        Console.faults.line("tally backup: \(text)")
        return code
    }
}

extension ExitCode {
    /// How a command ends that met the fault.
    init(_ fault: OfflineFault) {
        guard let code = ExitCode(rawValue: fault.exitCode) else {
            preconditionFailure("no exit code \(fault.exitCode)")
        }
        self = code
    }
}
