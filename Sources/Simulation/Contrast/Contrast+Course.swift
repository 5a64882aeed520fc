import Primitives

extension Contrast {
    /// A script's course with one design: its clients, its fault, and what is seen meanwhile.
    ///
    /// A client stands beside its home node, behind the same cuts and slow ways, and asks it first. It
    /// follows a redirect at once; refused or not connected, it asks the next node after a pause. It
    /// never repeats an add whose fate it does not know. After its patience it gives up.
    struct Course<Cluster: ContrastedCluster> {
        private enum Step {
            case begin(Int)
            /// A request reaches the node that it is put to.
            case arrive(Int)
            /// An answer reaches the client.
            case hear(Int, Answer, from: Int)
            case retry(Int)
            case giveUp(Int)
            case faultBegins
            case faultEnds
            /// A node that has just acknowledged an add dies.
            case die(Int)
        }

        private let schedule: Schedule
        private var cluster: Cluster
        private var agenda = EventQueue<Step>()
        private var calls: [Call] = []
        /// Which call each answer belongs to.
        private var tickets: [(ticket: Int, call: Int)] = []
        /// Whether the next node that acknowledges an add is to die.
        private var isDeathDue = false
        private var watch: Watch

        init(_ schedule: Schedule, _ cluster: Cluster) {
            self.schedule = schedule
            self.cluster = cluster
            watch = Watch(nodes: Script.nodes)
            for entry in schedule.entries {
                agenda.add(.begin(calls.count), at: entry.time)
                calls.append(Call(entry))
            }
            if schedule.script.fault != nil {
                agenda.add(.faultBegins, at: schedule.fault.lowerBound)
                agenda.add(.faultEnds, at: schedule.fault.upperBound)
            }
        }

        /// Runs it all.
        mutating func run() -> Outcome {
            proceed(to: Schedule.begin)
            let messagesBefore = cluster.messages
            proceed(to: Schedule.clientsEnd)
            let messages = cluster.messages - messagesBefore
            proceed(to: Schedule.end)
            let record = record(messages)
            return Outcome(
                figures: Figures(record), timeline: watch.timeline(record),
                violation: cluster.violation)
        }

        /// Takes what happens in the cluster and what the script says in order of time.
        private mutating func proceed(to end: Instant) {
            while cluster.violation == nil {
                let next = cluster.nextTime ?? .never
                let planned = agenda.nextTime ?? .never
                guard min(next, planned) < end else { break }
                if next < planned {
                    cluster.advance(to: next + Timespan(nanoseconds: 1))
                } else if let (time, step) = agenda.popFirst() {
                    cluster.advance(to: time)
                    take(step)
                }
                for (ticket, answer) in cluster.takeAnswers() { send(answer, to: ticket) }
                watch.look(at: cluster)
            }
        }

        private mutating func take(_ step: Step) {
            switch step {
            case .begin(let call):
                agenda.add(.giveUp(call), at: cluster.now + Schedule.patience)
                put(call)
            case .arrive(let call): arrive(call)
            case .hear(let call, let answer, let node): hear(call, answer, from: node)
            case .retry(let call): retry(call)
            case .giveUp(let call): giveUp(call)
            case .faultBegins: beginFault()
            case .faultEnds: endFault()
            case .die(let node):
                cluster.crash(node, for: schedule.fault.upperBound.since(cluster.now))
            }
        }
    }
}

/// What clients do.
extension Contrast.Course {
    /// A client sends its request to the node that it is put to now.
    private mutating func put(_ call: Int) {
        let (home, node) = (calls[call].home, calls[call].node)
        guard !cluster.network.isCut(from: home, to: node) else { return pause(call) }
        agenda.add(.arrive(call), at: cluster.now + cluster.network.delay(from: home, to: node))
    }

    private mutating func pause(_ call: Int) {
        agenda.add(.retry(call), at: cluster.now + Contrast.Schedule.pause)
    }

    private mutating func retry(_ call: Int) {
        guard calls[call].fate == .open else { return }
        calls[call].node = (calls[call].node + 1) % Contrast.Script.nodes
        put(call)
    }

    private mutating func arrive(_ call: Int) {
        guard calls[call].fate == .open else { return }
        let (home, node) = (calls[call].home, calls[call].node)
        guard let ticket = cluster.ask(calls[call].request, of: node, from: home) else {
            return pause(call)
        }
        calls[call].isInHand = true
        tickets.append((ticket, call))
    }

    /// A node's answer sets out for its client.
    private mutating func send(_ answer: Contrast.Answer, to ticket: Int) {
        guard let position = tickets.firstIndex(where: { $0.ticket == ticket }) else { return }
        let call = tickets.remove(at: position).call
        let (home, node) = (calls[call].home, calls[call].node)
        guard calls[call].fate == .open, !cluster.network.isCut(from: node, to: home) else {
            return
        }
        let delay = cluster.network.delay(from: node, to: home)
        agenda.add(.hear(call, answer, from: node), at: cluster.now + delay)
        if isDeathDue, !calls[call].isRead, case .done = answer {
            isDeathDue = false
            agenda.add(.die(node), at: cluster.now)
        }
    }

    private mutating func hear(_ call: Int, _ answer: Contrast.Answer, from node: Int) {
        guard calls[call].fate == .open else { return }
        calls[call].isInHand = false
        switch answer {
        case .done(let value, let write):
            calls[call].fate = .done(
                Contrast.Call.Done(value: value, write: write, node: node, at: cluster.now))
        case .redirect(let other):
            calls[call].node = other
            put(call)
        case .notApplied: pause(call)
        case .unknown:
            if calls[call].isRead { pause(call) } else { calls[call].fate = .unknown }
        }
    }

    private mutating func giveUp(_ call: Int) {
        guard calls[call].fate == .open else { return }
        let isDoubtful = calls[call].isInHand && !calls[call].isRead
        calls[call].fate = isDoubtful ? .unknown : .failed
    }
}

/// What goes wrong.
extension Contrast.Course {
    private mutating func beginFault() {
        switch schedule.script.fault {
        case .partition(let side)?:
            for way in ways(between: side) { cluster.network.cut(way) }
        case .crash?: isDeathDue = true
        case .slow(let node, let delay)?: slow(node, by: delay)
        case nil: break
        }
    }

    private mutating func endFault() {
        switch schedule.script.fault {
        case .partition(let side)?: cluster.mend(ways(between: side))
        case .slow(let node, _)?: slow(node, by: .zero)
        case .crash?, nil: break
        }
    }

    private mutating func slow(_ node: Int, by delay: Timespan) {
        for way in ways(between: [node]) { cluster.network.clog(way, by: delay) }
    }

    private func ways(between side: [Int]) -> [Way] {
        var ways: [Way] = []
        for from in 0..<Contrast.Script.nodes {
            for to in 0..<Contrast.Script.nodes where side.contains(from) != side.contains(to) {
                ways.append(Way(from: from, to: to))
            }
        }
        return ways
    }
}

/// What was seen.
extension Contrast.Course {
    private func record(_ messages: Int) -> Contrast.Record {
        let nodes = 0..<Contrast.Script.nodes
        return Contrast.Record(
            calls: calls,
            values: nodes.map { cluster.state(of: $0).value },
            holdings: nodes.map { node in
                calls.indices.filter { call in
                    calls[call].done?.write.map { cluster.holds($0, at: node) } ?? false
                }
            },
            fault: schedule.fault,
            settledFrom: schedule.script.fault == nil ? .origin : schedule.fault.upperBound,
            agreedSince: watch.agreedSince, minority: schedule.script.minority,
            messagesInSecond: messages * 1_000 / Contrast.Script.clientTime.wholeMilliseconds)
    }
}
