import Primitives

/// How long a command waits for what, and how often it asks again.
public struct Patience: Sendable, Equatable {
    /// How long all attempts of a command may take together.
    public var whole: Timespan

    /// How long a connection may take to be made, the look-up of its name included.
    public var connect: Timespan

    /// How long an answer may take once the connection stands. Longer than a node itself waits for a
    /// write's fate, so that the node is the one to say what became of it.
    public var answer: Timespan

    /// After that time without an answer from any node, nobody is there to wait for.
    public var unreached: Timespan

    /// How long the first round over all nodes is followed by silence; each next round twice as long.
    public var firstPause: Timespan

    /// The longest silence between two rounds.
    public var longestPause: Timespan

    /// After that time no new attempt is begun: one that is cut short leaves a write in doubt.
    var lastBeginning: Timespan {
        let margin = min(whole / 10, .milliseconds(500))
        return Timespan(nanoseconds: whole.nanoseconds - margin.nanoseconds)
    }

    /// How many redirects are followed in a row.
    public static let redirects = 5

    /// The patience of a person at a terminal, with nodes that decide within `request`.
    public init(request: Timespan = .milliseconds(2000)) {
        let grace = Timespan.milliseconds(3000)
        whole = max(.milliseconds(10_000), request * 2)
        connect = .milliseconds(1000)
        answer = request + grace
        unreached = .milliseconds(1000)
        firstPause = .milliseconds(20)
        longestPause = .milliseconds(500)
    }

    /// The patience of a glance: each node has a second to be reached and one to say how it is.
    public static var glance: Patience {
        var patience = Patience()
        patience.whole = .milliseconds(2000)
        patience.connect = .milliseconds(1000)
        patience.answer = .milliseconds(1000)
        return patience
    }

    /// The patience of a glance, or of somebody who said for how long they wait.
    public static func glance(within limit: Timespan?) -> Patience {
        var patience = glance
        guard let limit else { return patience }
        patience.whole = limit
        patience.connect = limit
        patience.answer = limit
        return patience
    }
}
