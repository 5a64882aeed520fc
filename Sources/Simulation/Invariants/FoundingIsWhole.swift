import Founding
import Raft

/// A cluster is founded only when every disk of the record has pledged itself to it (design, "Birth,
/// identity and amnesia"), and a disk pledges once.
struct FoundingIsWhole {
    private var pledges: [(disk: DiskID, record: FoundingRecord)] = []

    /// A disk has synced that state, or was found with it.
    mutating func check(_ state: FoundingState, disk: DiskID) -> String? {
        guard let record = state.record else { return nil }
        let own = pledges.first { $0.disk == disk }
        if let own, own.record != record {
            return "Founding Is Whole: disk \(disk) has pledged to two records"
        }
        if own == nil { pledges.append((disk, record)) }
        guard case .founded = state else { return nil }
        for member in record.members
        where !pledges.contains(where: { $0.disk == member.disk && $0.record == record }) {
            return """
                Founding Is Whole: disk \(disk) is founded, though \(member.node)'s disk \
                \(member.disk) has not pledged
                """
        }
        return nil
    }
}
