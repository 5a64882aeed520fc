import Primitives

/// In which order the others are probed: all of them once, in an order that is drawn, then again in
/// another one. So each is probed within 2n − 1 periods by each other member (SWIM §4.3).
struct ProbeRing: Sendable {
    private var order: [NodeID] = []
    private var next = 0

    /// How many there are in the round, those that are gone meanwhile included.
    var count: Int { order.count }

    /// Begins a round with those members, and no others.
    mutating func begin(with members: [NodeID], _ random: inout RandomSource) {
        order = members
        order.shuffle(using: &random)
        next = 0
    }

    /// Puts a member somewhere into the round, drawn from all places, unless it is there already.
    mutating func insert(_ id: NodeID, _ random: inout RandomSource) {
        guard !order.contains(id) else { return }
        let position = random.below(order.count + 1)
        order.insert(id, at: position)
        // What stands before the next one has had its turn; a newcomer there waits for the next
        // round.
        if position < next { next += 1 }
    }

    /// Takes out a member that is forgotten, so that names which come and go within one round do not
    /// pile up in it.
    mutating func remove(_ id: NodeID) {
        guard let position = order.firstIndex(of: id) else { return }
        order.remove(at: position)
        if position < next { next -= 1 }
    }

    /// The next one that takes part, or nil where none does. Those that do not are passed over,
    /// and taken out at the end of the round.
    mutating func popNext(
        among members: MemberTable, _ random: inout RandomSource
    ) -> NodeID? {
        for _ in 0..<2 {
            while next < order.count {
                next += 1
                if members[order[next - 1]]?.isLive == true { return order[next - 1] }
            }
            order.removeAll { members[$0]?.isLive != true }
            order.shuffle(using: &random)
            next = 0
        }
        return nil
    }
}
