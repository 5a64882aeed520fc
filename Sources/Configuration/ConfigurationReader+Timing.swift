import Primitives

/// The file's `timing`.
extension ConfigurationReader {
    /// The times of the file, each missing or faulty one at its default.
    mutating func timing(_ value: JSONValue, at path: JSONPath) -> TimingConfiguration {
        let standard = TimingConfiguration.standard
        let (heartbeatKey, electionKey) = ("heartbeatMilliseconds", "electionMilliseconds")
        let requestKey = "requestMilliseconds"
        guard
            let members = object(
                value, at: path, keys: [heartbeatKey, electionKey, requestKey],
                example: "{ \"\(heartbeatKey)\": 50 }")
        else { return standard }
        let heartbeat = members[heartbeatKey].map { milliseconds($0, at: path[heartbeatKey]) }
        let election = members[electionKey].map { bounds($0, at: path[electionKey]) }
        let request = members[requestKey].map { milliseconds($0, at: path[requestKey]) }
        let timing = TimingConfiguration(
            heartbeat: (heartbeat ?? nil) ?? standard.heartbeat,
            election: (election ?? nil) ?? standard.election,
            request: (request ?? nil) ?? standard.request)
        // A time that is wrong by itself has no relation to the others that would be worth a line.
        let areGood = heartbeat != .some(nil) && election != .some(nil)
        if areGood, timing.heartbeat * 2 > timing.election.lowerBound {
            let doubled = (timing.heartbeat * 2).wholeMilliseconds
            let lowest = timing.election.lowerBound.wholeMilliseconds
            report(
                "two heartbeats take \(doubled) ms and the lowest election timeout is \(lowest) "
                    + "ms; send heartbeats at least twice as often or wait longer",
                at: path[heartbeat == nil ? electionKey : heartbeatKey])
        }
        return timing
    }

    private mutating func milliseconds(_ value: JSONValue, at path: JSONPath) -> Timespan? {
        integer(value, at: path, in: ConfigurationLimits.milliseconds).map(Timespan.milliseconds)
    }

    /// The lowest and the highest election timeout.
    private mutating func bounds(
        _ value: JSONValue, at path: JSONPath
    ) -> ClosedRange<Timespan>? {
        guard let elements = array(value, at: path, example: "[150, 300]") else { return nil }
        guard elements.count == 2 else {
            report(
                "needs two numbers, the lowest and the highest timeout, such as [150, 300], "
                    + "found \(elements.count)", at: path)
            return nil
        }
        let lowest = milliseconds(elements[0], at: path[0])
        let highest = milliseconds(elements[1], at: path[1])
        guard let lowest, let highest else { return nil }
        guard lowest < highest else {
            // Equal timeouts would let candidates meet again and again (Raft §5.2).
            report(
                "the lowest timeout, \(lowest.wholeMilliseconds), must be less than the highest, "
                    + "\(highest.wholeMilliseconds)", at: path)
            return nil
        }
        return lowest...highest
    }
}
