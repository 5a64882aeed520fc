import Raft
import Wire

extension Stage {
    /// Whether a program from before the feature levels can't read the frame. Nothing but a hello may come
    /// to it that it can't.
    func mustOldProgramRefuse(_ bytes: [UInt8]) -> Bool {
        let (version, kind) = (bytes[4], bytes[5])
        if version != 2 {
            if kind != 1 { violations.append("an old program is sent kind \(kind) of version 3") }
            return true
        }
        guard
            case .raft(.appendEntries(let append)) = try? FrameDecoder.decode(
                bytes, from: 0, to: bytes.count)?.message
        else { return false }
        var offset = 0
        while let entry = append.entries.entry(at: &offset) {
            if entry.kind == .noOperation || entry.kind == .command { continue }
            violations.append("an old program is sent an entry of kind \(entry.kind)")
            return true
        }
        return false
    }
}
