import Effort
import Founding
import Primitives
import Raft
import Replica
import Testing

/// Random schedules of starts, calls, deliveries, writes, crashes, wipes and second disks.
///
/// Whatever happens, two different records that share a disk are never both founded, every disk of a
/// founded record has pledged to it, and only those disks ever speak as voters.
struct FoundingExploration {
    @Test(arguments: 0..<8)
    func noScheduleFoundsTwoRecordsOverOneDisk(part: Int) {
        var founded = 0
        var wipedAfterFounding = 0
        let seeds = (0..<25 * effort).map { part * 1_000 + $0 }
        for seed in seeds {
            var run = Run(seed: UInt64(seed))
            run.play(acts: 350)
            let problems = run.problems + run.stage.violations
            #expect(problems == [], "seed \(seed)")
            if !run.founded.isEmpty { founded += 1 }
            if run.wasWipedAfterFounding { wipedAfterFounding += 1 }
        }
        // The schedules are worth something only if they come that far.
        #expect(founded > seeds.count / 5)
        #expect(wipedAfterFounding > seeds.count / 25)
    }

    struct Run {
        let stage = Stage(founders: 3)
        var random: RandomSource
        /// The disks that exist, the running and the stopped.
        var disks: [TestDisk]
        /// What each disk ever pledged to, the wiped ones included.
        var pledges: [(disk: TestDisk, record: FoundingRecord)] = []
        var founded: [FoundingRecord] = []
        /// Who led in which term of which record.
        var leaders: [(record: FoundingRecord, term: Term, disk: DiskID)] = []
        var wasWipedAfterFounding = false
        var hasLostDisks = false
        var problems: [String] = []
        /// How often something is destroyed, of 1,000.
        let harm: Int

        init(seed: UInt64) {
            random = RandomSource(seed: seed)
            harm = [5, 15, 40][random.below(3)]
            disks = []
            for number in 1...3 { disks.append(stage.freshDisk(number)) }
        }

        mutating func play(acts: Int) {
            for _ in 0..<acts {
                act()
                observe()
            }
            // At the end of a run the living are left in peace.
            if random.chance(1, in: 3) { calmDown() }
        }

        /// Without a lost disk or a second one, every schedule ends with a founded cluster.
        private mutating func calmDown() {
            if !hasLostDisks {
                for disk in disks where !stage.boxes.contains(where: { $0.disk === disk }) {
                    stage.start(disk)
                }
            }
            stage.run(milliseconds: 5_000)
            observe()
            let isWhole = stage.boxes.count == 3 && stage.boxes.allSatisfy { $0.record != nil }
            if !hasLostDisks, !isWhole || stage.leader == nil { problems.append("no founding") }
        }

        private mutating func act() {
            if random.chance(harm, in: 1_000) { return hurt() }
            switch random.below(20) {
            case 0...1: start()
            case 2...5: connect()
            case 6:
                if random.chance(1, in: 4), let connection = any(stage.connections) {
                    stage.close(connection)
                }
            case 7...12: deliver()
            case 13...15: if let box = any(stage.boxes) { stage.persist(box) }
            case 16: if let box = any(stage.boxes) { box.sync() }
            case 17: pass()
            default: for _ in 0..<random.below(12) { _ = stage.advance() }
            }
        }

        private mutating func any<Element>(_ elements: [Element]) -> Element? {
            elements.isEmpty ? nil : elements[random.below(elements.count)]
        }

        private mutating func start() {
            let running = stage.boxes
            let stopped = disks.filter { disk in !running.contains { $0.disk === disk } }
            guard let disk = any(stopped) else { return }
            stage.start(disk)
        }

        private mutating func connect() {
            guard let caller = any(stage.boxes), let called = any(stage.boxes),
                caller.node < called.node
            else { return }
            stage.connect(caller, to: called)
        }

        private mutating func deliver() {
            let live = stage.connections.filter { $0.hasNews(for: 0) || $0.hasNews(for: 1) }
            guard let connection = any(live) else { return }
            let end = random.below(2)
            stage.deliver(connection, to: connection.hasNews(for: end) ? end : 1 - end)
        }

        private mutating func pass() {
            stage.wait(milliseconds: 1 + random.below(200))
            for box in stage.boxes where box.deadline <= stage.now {
                stage.turn(box, [.deadlineReached])
            }
        }

        private mutating func hurt() {
            guard let disk = any(disks) else { return }
            let box = stage.boxes.first { $0.disk === disk }
            switch random.below(4) {
            case 0...1:
                if let box {
                    if random.chance(1, in: 2) { box.sync() }
                    note(disk)
                    stage.crash(box)
                }
            case 2:
                // The directory is emptied while the node is down.
                if let box { stage.crash(box) }
                note(disk)
                if founded.contains(where: { $0.disk(of: disk.node) == disk.id }) {
                    wasWipedAfterFounding = true
                }
                hasLostDisks = true
                disks.removeAll { $0 === disk }
                disks.append(fresh(disk.node))
            default:
                // A second directory under the same id.
                hasLostDisks = true
                if disks.count(where: { $0.node == disk.node }) < 2 {
                    disks.append(fresh(disk.node))
                }
            }
        }

        private func fresh(_ node: NodeID) -> TestDisk {
            stage.freshDisk((1...3).first { name($0) == node }!)
        }

        private mutating func note(_ disk: TestDisk) {
            guard let record = disk.founding.record else { return }
            if let known = pledges.first(where: { $0.disk === disk }) {
                if known.record != record { problems.append("\(disk.id) pledged twice") }
            } else {
                pledges.append((disk, record))
            }
            if case .founded(let record) = disk.founding, !founded.contains(record) {
                founded.append(record)
            }
        }

        private mutating func observe() {
            for disk in disks { note(disk) }
            for record in founded {
                for member in record.members
                where !pledges.contains(where: {
                    $0.disk.id == member.disk && $0.record == record
                }) {
                    problems.append("founded, but \(member.node) has not pledged")
                }
                for other in founded where other != record {
                    if record.members.contains(where: { other.members.contains($0) }) {
                        problems.append("two founded records share a disk")
                    }
                }
            }
            for box in stage.boxes where box.leads(at: stage.now) { noteLeader(box) }
        }

        private mutating func noteLeader(_ box: Box) {
            guard let record = box.record else {
                problems.append("\(box.node) leads and is not founded")
                return
            }
            let term = box.status(at: stage.now).term
            let known = leaders.first { $0.record == record && $0.term == term }
            if let known, known.disk != box.disk.id { problems.append("two leaders in a term") }
            if known == nil { leaders.append((record, term, box.disk.id)) }
        }
    }
}
