/// A majority of the voters: any two have a voter in common.
public struct Quorum: Hashable, Sendable {
    /// How many voters make a majority.
    public let size: Int

    /// The majority of that many voters.
    public init(voters count: Int) {
        size = count / 2 + 1
    }

    /// The largest value that a majority has reached, or `floor` where no larger one has been.
    ///
    /// - Parameters:
    ///   - floor: what has been reached before.
    ///   - own: how far this voter itself is.
    ///   - peers: the other voters; with this one they are all.
    ///   - value: how far a peer is.
    func reached<Value: Comparable>(
        floor: Value, own: Value, peers: [Peer], _ value: (Peer) -> Value
    ) -> Value {
        func supporters(of candidate: Value) -> Int {
            peers.count { value($0) >= candidate } + (own >= candidate ? 1 : 0)
        }
        var best = floor
        if own > best, supporters(of: own) >= size { best = own }
        for peer in peers {
            let candidate = value(peer)
            if candidate > best, supporters(of: candidate) >= size { best = candidate }
        }
        return best
    }
}
