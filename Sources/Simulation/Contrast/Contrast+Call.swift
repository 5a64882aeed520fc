import Primitives

extension Contrast {
    /// A client's request, from its beginning to whatever it was told in the end.
    struct Call {
        enum Fate: Equatable {
            /// Under way.
            case open
            /// Answered with 200.
            case done(Done)
            /// Not applied, or a read that was not answered.
            case failed
            /// An add whose client does not know whether it was applied.
            case unknown
        }

        struct Done: Equatable {
            var value: Int64
            /// The add's write; nil for a read.
            var write: WriteID?
            /// The node that answered, and when the client had the answer.
            var node: Int
            var at: Instant
        }

        let home: Int
        let request: Request
        let askedAt: Instant
        /// The node that it is put to now.
        var node: Int
        /// Whether that node has it in hand.
        var isInHand = false
        var fate = Fate.open

        init(_ entry: Schedule.Entry) {
            home = entry.home
            request = entry.request
            askedAt = entry.time
            node = entry.home
        }

        var isRead: Bool { request == .read }

        /// What its client was told, where that was 200.
        var done: Done? {
            if case .done(let done) = fate { done } else { nil }
        }
    }
}
