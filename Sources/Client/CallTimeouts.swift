import Primitives

/// How long a command waits for what, and how often it tries again.
public struct CallTimeouts: Sendable, Equatable {
    /// How long all attempts of a command may take together.
    public var overall: Timespan

    /// How long a connection may take to be made, the look-up of its name included.
    public var connect: Timespan

    /// How long a response may take once the connection stands. Longer than a node itself waits for
    /// the outcome of a write, so that the node is the one to say what became of it.
    public var response: Timespan

    /// After that time without a response from any node the cluster is taken for unreachable.
    public var unreachable: Timespan

    /// The backoff after the first round over all nodes; it doubles with each further one.
    public var firstBackoff: Timespan

    /// The longest backoff between two rounds.
    public var longestBackoff: Timespan

    /// After that time no new attempt is begun: one that is cut short leaves a write in doubt.
    var lastAttempt: Timespan {
        let margin = min(overall / 10, .milliseconds(500))
        return Timespan(nanoseconds: overall.nanoseconds - margin.nanoseconds)
    }

    /// How many redirects are followed in a row.
    public static let redirects = 5

    /// For a person at a terminal, with nodes that decide within `request`.
    public init(request: Timespan = .milliseconds(2000)) {
        let grace = Timespan.milliseconds(3000)
        overall = max(.milliseconds(10_000), request * 2)
        connect = .milliseconds(1000)
        response = request + grace
        unreachable = .milliseconds(1000)
        firstBackoff = .milliseconds(20)
        longestBackoff = .milliseconds(500)
    }

    /// For a look at the state of the nodes: each has a second to be reached and one to respond.
    public static var short: CallTimeouts {
        var timeouts = CallTimeouts()
        timeouts.overall = .milliseconds(2000)
        timeouts.connect = .milliseconds(1000)
        timeouts.response = .milliseconds(1000)
        return timeouts
    }

    /// The same, or that limit for each of them.
    public static func short(within limit: Timespan?) -> CallTimeouts {
        var timeouts = short
        guard let limit else { return timeouts }
        timeouts.overall = limit
        timeouts.connect = limit
        timeouts.response = limit
        return timeouts
    }
}
