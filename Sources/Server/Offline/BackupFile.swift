import Calculator
import Replica
import WriteAheadLog

/// A backup: the state of a cluster in one checksummed file, which was read and found whole.
public struct BackupFile: Sendable {
    /// The file's bytes.
    public let bytes: [UInt8]
    let file: SnapshotFile
    let engine: Engine<Calculator>

    /// The most bytes that a file may have to be looked at as a backup.
    public static let byteLimit = 64 << 20

    /// The backup that those bytes are.
    public init(_ bytes: [UInt8]) throws(BackupFault) {
        let file: SnapshotFile
        do throws(SnapshotFault) {
            file = try SnapshotFile.decode(bytes)
        } catch {
            throw .snapshot(error)
        }
        guard let engine = Engine<Calculator>(state: file.state), engine.applied == file.last else {
            throw .state
        }
        self.bytes = bytes
        self.file = file
        self.engine = engine
    }

    /// The name of the cluster that it was taken from.
    public var cluster: String { String(decoding: file.cluster, as: UTF8.self) }
    /// The value.
    public var value: Int64 { engine.machine.value }
    /// The index of the last entry that is in it.
    public var index: UInt64 { file.last.index.number }
    /// The term of that entry.
    public var term: UInt64 { file.last.term.number }
    /// How many idempotency keys it remembers.
    public var keys: Int { engine.keyCount }
}

/// Why bytes are no backup that can be used.
public enum BackupFault: Error {
    /// They are not those of a snapshot, or of one of a newer version.
    case snapshot(SnapshotFault)
    /// What the snapshot holds can't be read.
    case state
}

extension BackupFault: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .snapshot(.damaged): "it is no backup, or a damaged one"
        case .snapshot(let fault): "\(fault)"
        case .state: "this version of tally can't read the state in it"
        }
    }
}
