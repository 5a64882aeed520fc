import Calculator
import Primitives
import Raft
import Replica

/// What an entry asks for, by a reading of its own (docs/disk-format.md, "Entries").
enum ShadowPayload: Hashable {
    /// A no-op.
    case nothing
    case write(Calculator.Command)
    /// A write in an envelope.
    indirect case guarded(Calculator.Command, WriteGuard)
    case level(FeatureLevel)

    /// The payload of an entry of that kind; nil where its bytes are none.
    init?(_ kind: EntryKind, _ bytes: [UInt8], _ range: Range<Int>) {
        switch kind {
        case .noOperation: self = .nothing
        case .command:
            guard let command = Calculator.Command(bytes: bytes, in: range) else { return nil }
            self = .write(command)
        case .featureLevel:
            var reader = ByteReader(bytes, in: range)
            guard let level = reader.read(UInt16.self), reader.remaining == 0 else { return nil }
            self = .level(FeatureLevel(level))
        case .envelope:
            var reader = ByteReader(bytes, in: range)
            guard let guarded = ShadowPayload.readEnvelope(&reader, bytes) else { return nil }
            self = guarded
        }
    }

    private static func readEnvelope(_ reader: inout ByteReader, _ bytes: [UInt8]) -> ShadowPayload?
    {
        guard reader.read(UInt8.self) == 1, let flags = reader.read(UInt8.self), flags < 8 else {
            return nil
        }
        var read = WriteGuard(key: [], firstIndex: nil, condition: nil)
        if flags & 1 != 0 {
            guard let key = reader.readShort() else { return nil }
            read.key = key
        }
        if flags & 2 != 0 {
            guard let index = reader.read(UInt64.self) else { return nil }
            read.firstIndex = index
        }
        if flags & 4 != 0 {
            guard let count = reader.read(UInt8.self) else { return nil }
            var condition: [UInt64] = []
            for _ in 0..<count {
                guard let index = reader.read(UInt64.self) else { return nil }
                condition.append(index)
            }
            read.condition = condition
        }
        let rest = reader.position..<reader.position + reader.remaining
        return Calculator.Command(bytes: bytes, in: rest).map { .guarded($0, read) }
    }

    /// How the log marks such an entry.
    var kind: EntryKind {
        switch self {
        case .nothing: .noOperation
        case .write: .command
        case .guarded: .envelope
        case .level: .featureLevel
        }
    }

    /// The bytes that `init` reads.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .nothing: break
        case .write(let command): command.append(to: &writer.bytes)
        case .level(let level): writer.write(level.number)
        case .guarded(let command, let writeGuard):
            writer.write(UInt8(1))
            var flags: UInt8 = writeGuard.key.isEmpty ? 0 : 1
            if writeGuard.firstIndex != nil { flags |= 2 }
            if writeGuard.condition != nil { flags |= 4 }
            writer.write(flags)
            if !writeGuard.key.isEmpty { writer.writeShort(writeGuard.key) }
            if let index = writeGuard.firstIndex { writer.write(index) }
            if let condition = writeGuard.condition {
                writer.write(UInt8(condition.count))
                for index in condition { writer.write(index) }
            }
            command.append(to: &writer.bytes)
        }
        return writer.bytes
    }

    /// The command in it, in an envelope or bare.
    var command: Calculator.Command? {
        switch self {
        case .write(let command), .guarded(let command, _): command
        case .nothing, .level: nil
        }
    }

    /// What a write in an envelope rests on.
    var writeGuard: WriteGuard? {
        if case .guarded(_, let writeGuard) = self { writeGuard } else { nil }
    }
}

extension EffectHash {
    mutating func mix(_ payload: ShadowPayload) {
        switch payload {
        case .nothing: mix(0)
        case .write(let command): mix(command)
        case .guarded(let command, let writeGuard):
            mix(3)
            mix(command)
            mix(writeGuard.key)
            mix(writeGuard.firstIndex ?? .max)
            for index in writeGuard.condition ?? [.max] { mix(index) }
        case .level(let level): mix(4 + UInt64(level.number) << 8)
        }
    }

    private mutating func mix(_ command: Calculator.Command) {
        switch command {
        case .set(let value): mix(1 &+ UInt64(bitPattern: value) &* 4)
        case .add(let value): mix(2 &+ UInt64(bitPattern: value) &* 4)
        }
    }
}
