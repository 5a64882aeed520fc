import Primitives

extension Contrast {
    /// Looks at all nodes from outside, whenever something has happened.
    struct Watch {
        private var states: [NodeState?]
        private var lanes: [[Timeline.Moment]]
        /// Since when all nodes run and hold the same; nil while they don't.
        private(set) var agreedSince: Instant?

        init(nodes: Int) {
            states = Array(repeating: nil, count: nodes)
            lanes = Array(repeating: [], count: nodes)
        }

        mutating func look(at cluster: some ContrastedCluster) {
            var hasChanged = false
            for node in states.indices {
                let state = cluster.state(of: node)
                guard state != states[node] else { continue }
                states[node] = state
                hasChanged = true
                let time = cluster.now.since(Schedule.begin)
                // Of what was before the clients began, only the last counts.
                if time == .zero { lanes[node] = [] }
                lanes[node].append(
                    Timeline.Moment(time: time, value: state.value, isLeading: state.isLeading))
            }
            guard hasChanged else { return }
            let first = states.first.flatMap { $0?.value }
            let isAgreed = first != nil && states.allSatisfy { $0?.value == first }
            agreedSince = isAgreed ? agreedSince ?? cluster.now : nil
        }

        /// What was seen, and which acknowledged adds are lost.
        func timeline(_ record: Record) -> Timeline {
            let surviving = record.surviving
            var acknowledgements: [Timeline.Acknowledgement] = []
            for (number, call) in record.calls.enumerated() where !call.isRead {
                guard let done = call.done else { continue }
                acknowledgements.append(
                    Timeline.Acknowledgement(
                        time: done.at.since(Schedule.begin), node: done.node,
                        isLost: !surviving.contains(number)))
            }
            return Timeline(lanes: lanes, acknowledgements: acknowledgements)
        }
    }
}
