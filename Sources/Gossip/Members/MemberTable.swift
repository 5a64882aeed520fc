import Primitives

/// Who is known, sorted by id: this member, and at most `GossipLimits.members` others.
struct MemberTable: Sendable {
    /// All of them.
    private(set) var members: [Member]
    /// How many others take part.
    private(set) var liveOthers = 0
    /// Another number whenever anything has changed.
    private(set) var version: UInt64 = 0
    private let own: NodeID

    /// A table that knows this member alone.
    init(own: Member) {
        members = [own]
        self.own = own.id
    }

    /// How many take part, this member included.
    var size: Int { liveOthers + 1 }

    /// The member of that name, or nil where it is not known.
    subscript(id: NodeID) -> Member? {
        position(of: id).map { members[$0] }
    }

    /// Puts what is known of a member in the place of what was known of it.
    mutating func replace(_ member: Member) {
        guard let position = position(of: member.id) else {
            preconditionFailure("\(member.id) was never known")
        }
        if member.id != own {
            liveOthers += (member.isLive ? 1 : 0) - (members[position].isLive ? 1 : 0)
        }
        members[position] = member
        version &+= 1
    }

    /// Why a new member was not taken in, or which one it has replaced.
    enum Admission: Equatable {
        case admitted(forgotten: NodeID?)
        case full
    }

    /// Takes in a member that is not known. Where there is no room, the one that has been gone
    /// longest is forgotten for it, if one may be.
    mutating func insert(_ member: Member, mayForget: Bool = true) -> Admission {
        var forgotten: NodeID?
        if members.count > GossipLimits.members {
            guard mayForget, let oldest = oldestGone else { return .full }
            forgotten = oldest
            remove(oldest)
        }
        let position = lowerBound(of: member.id)
        members.insert(member, at: position)
        liveOthers += member.isLive ? 1 : 0
        version &+= 1
        return .admitted(forgotten: forgotten)
    }

    /// Forgets those that have been gone since before `time`, and says who they were.
    mutating func forgetGone(before time: Instant) -> [NodeID] {
        let old = members.filter { $0.id != own && !$0.isLive && $0.since < time }.map(\.id)
        for id in old { remove(id) }
        return old
    }

    /// Another member that takes part and passes the test, drawn from all; nil where a bounded
    /// number of draws has found none.
    func drawLive(
        _ random: inout RandomSource, where test: (Member) -> Bool = { _ in true }
    ) -> Member? {
        for _ in 0..<min(3 * members.count, 64) {
            let member = members[random.below(members.count)]
            if member.id != own, member.isLive, test(member) { return member }
        }
        return nil
    }

    /// By position, and without a look where none is gone: strangers' names may come by thousands.
    private var oldestGone: NodeID? {
        guard liveOthers < members.count - 1 else { return nil }
        var oldest: Int?
        for position in members.indices where !members[position].isLive {
            if let known = oldest, members[known].since <= members[position].since { continue }
            if members[position].id != own { oldest = position }
        }
        return oldest.map { members[$0].id }
    }

    private mutating func remove(_ id: NodeID) {
        guard let position = position(of: id) else { return }
        liveOthers -= members[position].isLive ? 1 : 0
        members.remove(at: position)
        version &+= 1
    }

    private func position(of id: NodeID) -> Int? {
        let position = lowerBound(of: id)
        return position < members.count && members[position].id == id ? position : nil
    }

    /// The place of the first name that does not sort before `id`.
    private func lowerBound(of id: NodeID) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
