import Primitives

extension Contrast {
    /// Who asks what, and what goes wrong; the same for both designs.
    public enum Script: String, CaseIterable, Sendable {
        /// One writer, and nothing goes wrong.
        case none
        /// Two writers at two nodes at once, and nothing goes wrong.
        case writers
        /// Two of the five nodes are cut off for a while, and clients go on at both sides.
        case partition
        /// A node loses its power right after it acknowledged an add.
        case crash
        /// One node's way to the others is slow for a while.
        case slowLink = "slow-link"

        /// What happens, in a line.
        public var summary: String {
            switch self {
            case .none: "one writer, no fault"
            case .writers: "two writers at once, at n1 and n5"
            case .partition: "two writers; n1 and n2 are cut off from n3, n4 and n5"
            case .crash: "one writer; the node that has just acknowledged an add loses its power"
            case .slowLink: "two writers; all that n1 sends and gets takes 300 ms"
            }
        }
    }
}

extension Contrast.Script {
    /// How many nodes there are.
    public static let nodes = 5

    /// For how long clients ask.
    public static let clientTime = Timespan.milliseconds(12_000)

    /// How long nothing is asked afterwards, so that who can agree does: 15 pushes of every node.
    public static let quietTime = Timespan.milliseconds(30_000)

    /// When the fault lasts, from when the clients begin; nil where nothing goes wrong.
    public var faultTime: Range<Timespan>? {
        fault == nil ? nil : .milliseconds(4_000)..<(.milliseconds(9_000))
    }

    /// The nodes that the fault leaves without a majority.
    var minority: [Int] { self == .partition ? [0, 1] : [] }

    /// What goes wrong.
    enum Fault {
        /// Nothing passes between these nodes and the others.
        case partition([Int])
        /// The first node that acknowledges an add dies at that moment, and comes back in the end.
        case crash
        /// Whatever this node sends or gets takes that much longer.
        case slow(Int, Timespan)
    }

    var fault: Fault? {
        switch self {
        case .none, .writers: nil
        case .partition: .partition(minority)
        case .crash: .crash
        case .slowLink: .slow(0, .milliseconds(300))
        }
    }

    /// A client that adds, always the same amount.
    struct Writer {
        var home: Int
        var amount: Int64
    }

    /// The first writer adds 1 and the second 100, each less than 100 times: the last two digits of a
    /// value say how many of the first one's adds are in it, and the others how many of the second's.
    var writers: [Writer] {
        let first = Writer(home: 0, amount: 1)
        let second = Writer(home: Contrast.Script.nodes - 1, amount: 100)
        return self == .none || self == .crash ? [first] : [first, second]
    }

    /// How many adds a value of these writers is made of.
    public static func adds(in value: Int64) -> Int { Int(value % 100 + value / 100) }
}
