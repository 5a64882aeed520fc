import Effort
import Primitives
import Testing

@testable import Raft

/// Snapshots, lost, late and doubled messages, crashes and slow disks in random order. The stage's watch
/// looks after every turn; in the end all must agree.
@Suite struct SnapshotSchedules {
    private final class Schedule {
        var random: RandomSource
        let stage: Stage
        var installs: Int { stage.players.reduce(0) { $0 + $1.installs.count } }

        init(seed: UInt64) {
            random = RandomSource(seed: seed)
            stage = Stage(random.chance(1, in: 3) ? 5 : 3)
        }

        func draw() -> NodeID { stage.players[random.below(stage.players.count)].id }

        func move(_ number: Int) {
            let id = draw()
            switch random.below(34) {
            case 0..<10: shuffle()
            case 10..<13: submit(id, number)
            case 13..<17: save(id)
            case 17..<19: stage.expire(id)
            case 19: stage.now = stage.now + .milliseconds(1 + random.below(80))
            case 20: stage.withhold(id)
            case 21: stage.withholdInstalls(id)
            case 22..<24: stage.persist(id)
            case 24: stage.release(id)
            case 25: random.chance(1, in: 3) ? stage.reject(id) : stage.install(id)
            case 26: stage.isolate(id)
            case 27: stage.rejoin(id)
            case 28: stage.cut(id, draw())
            case 29: stage.connect(id, draw())
            case 30: if random.chance(1, in: 2) { stage.crash(id) }
            case 31: if !stage[id].isUp { stage.restart(id) }
            default: stage.run(for: .milliseconds(random.below(60)))
            }
        }

        private func submit(_ id: NodeID, _ number: Int) {
            for part in 0...random.below(4) { stage.submit(id, "\(number).\(part)") }
        }

        private func save(_ id: NodeID) {
            let commit = Int(stage[id].raft.commit.number)
            let base = Int(stage[id].raft.log.base.index.number)
            guard stage[id].isUp, commit > base else { return }
            stage.save(id, at: UInt64(base + 1 + random.below(commit - base)))
        }

        /// Delivers some messages in any order, some twice, and loses some.
        private func shuffle() {
            for _ in 0..<random.below(12) where !stage.inFlight.isEmpty {
                let position = random.below(stage.inFlight.count)
                let packet = stage.inFlight[position]
                if !random.chance(1, in: 10) { stage.inFlight.remove(at: position) }
                if random.chance(1, in: 12) { continue }
                stage.tell(packet.to, packet.message, from: packet.from)
            }
        }

        /// All faults end.
        func heal() {
            for player in stage.players where !player.isUp { stage.restart(player.id) }
            for player in stage.players {
                stage.release(player.id)
                player.withholdsInstalls = false
                stage.install(player.id)
                stage.rejoin(player.id)
            }
            stage.run(for: .milliseconds(2_000))
        }
    }

    @Test func allAgreeInTheEnd() {
        var installs = 0
        for seed in 1...UInt64(60 * effort) {
            let schedule = Schedule(seed: seed)
            for number in 0..<400 { schedule.move(number) }
            schedule.heal()
            installs += schedule.installs
            let stage = schedule.stage
            let leaders = stage.players.filter { $0.raft.role == .leader }
            let last = leaders.first?.raft.log.last
            let isWhole = stage.players.allSatisfy { player in
                let log = player.raft.log.last
                return log == last && player.raft.commit == log.index
            }
            #expect(leaders.count == 1 && isWhole, "seed \(seed): \(stage.players.map(\.told))")
        }
        #expect(installs > 60, "the schedules hold what they are for")
    }
}
