import Primitives

/// The last events of a run, kept as values and put into words only where somebody reads them.
struct Story {
    /// How many events are kept.
    static let length = 50

    private var events: [(time: Instant, event: StoryEvent)] = []
    private var next = 0
    private let listener: ((String) -> Void)?

    init(listener: ((String) -> Void)?) { self.listener = listener }

    mutating func add(_ event: StoryEvent, at time: Instant) {
        if let listener { listener(Story.line(event, at: time)) }
        if events.count < Story.length {
            events.append((time, event))
        } else {
            events[next] = (time, event)
        }
        next = (next + 1) % Story.length
    }

    /// The events, oldest first, a line each.
    var lines: [String] {
        let start = events.count < Story.length ? 0 : next
        return events.indices.map { position in
            let (time, event) = events[(start + position) % events.count]
            return Story.line(event, at: time)
        }
    }

    private static func line(_ event: StoryEvent, at time: Instant) -> String {
        let padded = (time.nanoseconds / 1_000).padded(to: 7)
        return "\(padded.dropLast(6)).\(padded.suffix(6)) \(event)"
    }
}
