import Primitives

/// The payload of an entry of kind `.envelope`: a command and its `WriteGuard`, little-endian.
///
/// ```
/// u8 version 1 │ u8 flags │ key: u8 length, bytes │ u64 first index │ condition: u8 count, u64 each │ command
///                           flag 1                  flag 2            flag 4
/// ```
///
/// A part without its flag is left out. At least a key or a condition is there, and a first index comes
/// only with a key, so that one guarded command has one spelling.
public struct Envelope: Hashable, Sendable {
    @usableFromInline static var version: UInt8 { 1 }

    private static let keyFlag: UInt8 = 1
    private static let firstIndexFlag: UInt8 = 2
    private static let conditionFlag: UInt8 = 4

    /// Where the idempotency key lies in the bytes; empty for none.
    public let key: Range<Int>
    /// An index that the client saw before its first try.
    public let firstIndex: UInt64?
    /// The indices one of which the last change must have; nil where it may have any.
    public let condition: [UInt64]?
    /// Where the command lies in the bytes.
    public let command: Range<Int>

    /// The envelope spelt by that range of `bytes`, which lies within them; nil where the range is none.
    /// Whether the command is one is left to the state machine.
    public init?(_ bytes: [UInt8], _ range: Range<Int>) {
        var reader = ByteReader(bytes, in: range)
        guard reader.read(UInt8.self) == Envelope.version, let flags = reader.read(UInt8.self),
            Envelope.isValid(flags),
            let key = Envelope.readKey(&reader, flags, of: bytes),
            let firstIndex = Envelope.readFirstIndex(&reader, flags),
            let condition = Envelope.readCondition(&reader, flags)
        else { return nil }
        self.key = key
        self.firstIndex = firstIndex
        self.condition = condition
        command = reader.position..<range.upperBound
    }

    private static func isValid(_ flags: UInt8) -> Bool {
        let hasKey = flags & keyFlag != 0
        guard flags & ~(keyFlag | firstIndexFlag | conditionFlag) == 0 else { return false }
        return flags & firstIndexFlag != 0 ? hasKey : hasKey || flags & conditionFlag != 0
    }

    /// Nil for bytes that are no key; an empty range for none.
    private static func readKey(
        _ reader: inout ByteReader, _ flags: UInt8, of bytes: [UInt8]
    ) -> Range<Int>? {
        guard flags & keyFlag != 0 else { return reader.position..<reader.position }
        guard let count = reader.read(UInt8.self), let key = reader.skip(count: Int(count)),
            WriteGuard.isKey(bytes[key])
        else { return nil }
        return key
    }

    /// Nil where the bytes end too early; a nil inside for none.
    private static func readFirstIndex(_ reader: inout ByteReader, _ flags: UInt8) -> UInt64?? {
        guard flags & firstIndexFlag != 0 else { return .some(nil) }
        guard let index = reader.read(UInt64.self) else { return nil }
        return .some(index)
    }

    /// Nil for bytes that are no condition; a nil inside for none.
    private static func readCondition(_ reader: inout ByteReader, _ flags: UInt8) -> [UInt64]?? {
        guard flags & conditionFlag != 0 else { return .some(nil) }
        guard let count = reader.read(UInt8.self),
            WriteGuard.conditionCount.contains(Int(count))
        else { return nil }
        var condition: [UInt64] = []
        for _ in 0..<count {
            guard let index = reader.read(UInt64.self) else { return nil }
            condition.append(index)
        }
        return .some(condition)
    }

    /// Appends the envelope of a command: `command` is what `write` appends. The guard must not be
    /// empty, and must keep to its limits.
    @inlinable
    public static func append(
        _ writeGuard: WriteGuard, to bytes: inout [UInt8], _ write: (inout [UInt8]) -> Void
    ) {
        appendHead(writeGuard, to: &bytes)
        write(&bytes)
    }

    @usableFromInline
    static func appendHead(_ writeGuard: WriteGuard, to bytes: inout [UInt8]) {
        precondition(!writeGuard.isEmpty, "an envelope that guards nothing")
        let key = writeGuard.key
        bytes.append(version)
        let flags = bytes.count
        bytes.append(0)
        if !key.isEmpty {
            precondition(WriteGuard.isKey(key), "no key: \(key)")
            bytes[flags] |= keyFlag
            bytes.append(UInt8(key.count))
            bytes.append(contentsOf: key)
            if let firstIndex = writeGuard.firstIndex {
                bytes[flags] |= firstIndexFlag
                bytes.append(littleEndian: firstIndex)
            }
        }
        if let condition = writeGuard.condition {
            precondition(
                WriteGuard.conditionCount.contains(condition.count),
                "\(condition.count) indices in a condition")
            bytes[flags] |= conditionFlag
            bytes.append(UInt8(condition.count))
            for index in condition { bytes.append(littleEndian: index) }
        }
    }
}
