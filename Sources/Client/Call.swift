import HTTP

/// What a command asks, at whichever node.
struct Call {
    let method: Method
    let target: String
    let body: String?
    let safety: CallPlan.Safety
    var fields: [RequestEncoder.Field] = [
        .close, .init("Accept", "application/json, text/plain;q=0.5"),
    ]
    /// How much of an answer is taken.
    var limits = Limits.response
    /// Is told how far the answer has come.
    var watch: ContentWatch = { _, _ in }
    /// What the command is known by at all nodes and in all tries.
    private let key = IdempotencyKey()

    init(_ method: Method, _ target: String, body: String? = nil, safety: CallPlan.Safety) {
        self.method = method
        self.target = target
        self.body = body
        self.safety = safety
        if body != nil {
            fields.append(.init("Content-Type", "application/x-www-form-urlencoded"))
        }
    }

    /// The fields of a try of that safety.
    func fields(_ safety: CallPlan.Safety) -> [RequestEncoder.Field] {
        guard case .keyed(let firstIndex) = safety else { return fields }
        return fields + [
            .init("Idempotency-Key", key.text), .init("Tally-First-Index", "\(firstIndex)"),
        ]
    }
}

extension RequestEncoder.Field {
    /// A command asks once; the node need not wait for more (RFC 9112 §9.6).
    static let close = RequestEncoder.Field("Connection", "close")
}
