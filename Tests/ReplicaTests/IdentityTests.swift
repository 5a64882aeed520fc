import Founding
import Primitives
import Raft
import Replica
import Testing
import Wire

/// Who is let in, who is turned away, and who must end.
struct IdentityTests {
    private func founded() -> (stage: Stage, boxes: [Box]) {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        stage.run(milliseconds: 500)
        return (stage, boxes)
    }

    @Test func aWipedNodeEndsAndSaysWhy() {
        for victim in 0..<3 {
            let (stage, boxes) = founded()
            stage.crash(boxes[victim])
            let wiped = stage.start(stage.freshDisk(victim + 1))
            stage.run(milliseconds: 3_000)
            #expect(!stage.isUp(wiped))
            let text = wiped.end?.text ?? ""
            #expect(text.contains(wiped.disk.id.description))
            #expect(text.contains(boxes[victim].disk.id.description))
            #expect(stage.leader != nil)
            #expect(stage.violations == [])
        }
    }

    /// Two of three wiped and the third away: no leader, ever. The third comes back: the two end,
    /// and the third keeps its log and elects nobody.
    @Test func wipedDisksNeverOutvoteTheOneThatRemembers() {
        let (stage, boxes) = founded()
        guard let leader = stage.elect() else { Issue.record("nobody leads"); return }
        let write = stage.ask(leader, .set(5))
        stage.run(milliseconds: 300)
        #expect(leader.receipt(of: write[0])?.value == 5)
        for box in boxes { stage.crash(box) }

        let wiped = [1, 2].map { stage.start(stage.freshDisk($0)) }
        stage.run(milliseconds: 20_000)
        #expect(stage.leader == nil)
        #expect(wiped.allSatisfy { $0.status(at: stage.now).waitingFor == [name(3)] })

        boxes[2].disk.notedCommit = boxes[2].commit
        let third = stage.start(boxes[2].disk)
        #expect(third.engine.machine.value == 5)
        stage.run(milliseconds: 20_000)
        #expect(wiped.allSatisfy { $0.end?.text.contains("remove all their directories") == true })
        #expect(stage.isUp(third))
        #expect(stage.leader == nil)
        #expect(stage.violations == [])
    }

    @Test func twoDisksUnderOneIDBeforeTheFounding() {
        let stage = Stage(founders: 3)
        let one = stage.start(stage.freshDisk(1))
        let two = stage.start(stage.freshDisk(2))
        stage.run(milliseconds: 100)
        let copy = stage.start(stage.freshDisk(1))
        stage.run(milliseconds: 3_000)
        #expect(!stage.isUp(copy))
        #expect(copy.end?.text.contains(one.disk.id.description) == true)
        #expect(copy.end?.text.contains(copy.disk.id.description) == true)
        #expect(stage.isUp(one) && stage.isUp(two))
        stage.start(stage.freshDisk(3))
        FoundingTests.expectLife(on: stage)
    }

    @Test func twoRecordsEndBothWhoPledged() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        // n1 pledges with n3's first disk; n3 is wiped before it does, and n2 pledges with the second.
        stage.connect(boxes[0], to: boxes[1])
        stage.connect(boxes[0], to: boxes[2])
        let late = stage.connect(boxes[1], to: boxes[2])
        for connection in stage.connections where connection !== late {
            while let end = [0, 1].first(where: { connection.hasNews(for: $0) }) {
                stage.deliver(connection, to: end)
            }
        }
        stage.close(between: boxes[0], boxes[1])
        stage.persist(boxes[0])
        stage.crash(boxes[2])
        let wiped = TestDisk(of: name(3), id: DiskID(9))
        guard
            let record = FoundingRecord(
                cluster: Box.cluster,
                members: [
                    .init(node: name(1), disk: boxes[0].disk.id),
                    .init(node: name(2), disk: boxes[1].disk.id),
                    .init(node: name(3), disk: wiped.id),
                ])
        else { return }
        stage.crash(boxes[1])
        let two = stage.start(
            TestDisk(of: name(2), id: boxes[1].disk.id, founding: .pledged(record)))
        #expect(boxes[0].disk.founding.record != nil)
        stage.run(milliseconds: 6_000)
        for box in [boxes[0], two] {
            #expect(box.end?.text.contains("neither can be founded any more") == true)
        }
    }

    @Test func otherFoundingVotersKeepBothForming() {
        let stage = Stage(founders: 3)
        let one = stage.start(stage.freshDisk(1))
        let two = stage.start(stage.freshDisk(2), founders: [name(1), name(2), name(4)])
        stage.start(stage.freshDisk(3))
        stage.run(milliseconds: 5_000)
        #expect(one.founding == .newborn && two.founding == .newborn)
        #expect(one.status(at: stage.now).waitingFor == [name(2)])
        #expect(one.notices.contains { if case .turnedAway = $0 { true } else { false } })
    }

    @Test func aNewcomerWhoseFileNamesItAFounderOfAFoundedClusterEnds() {
        let (stage, boxes) = founded()
        let newcomer = stage.start(
            stage.freshDisk(4), founders: [name(1), name(2), name(3), name(4)])
        stage.connect(boxes[0], to: newcomer)
        stage.settle()
        #expect(newcomer.end == nil)
        // It calls back the others, and hears it from them.
        stage.run(milliseconds: 2_000)
        #expect(newcomer.end?.text.contains("none of them") == true)
        #expect(boxes.allSatisfy { stage.isUp($0) })
    }

    @Test func anotherClusterIsRefusedByBoth() {
        let solo = Solo()
        let link = solo.connect(2, solo.hello(of: 2, cluster: "other"))
        expectRefusal(.wrongCluster, by: solo, on: link)
    }

    @Test func theOwnIDIsRefused() {
        let solo = Solo()
        let link = solo.open()
        solo.hear(.hello(solo.hello(of: 1)), on: link)
        expectRefusal(.ownID, by: solo, on: link)
    }

    @Test func aStrangerIsRefused() {
        let solo = Solo()
        let link = solo.open()
        solo.hear(.hello(solo.hello(of: 4, founding: .newborn)), on: link)
        expectRefusal(.stranger, by: solo, on: link)
    }

    @Test func whoeverAnswersForAnotherIsRefused() {
        let solo = Solo()
        let link = solo.open(dialed: 2)
        solo.hear(.welcome(solo.hello(of: 3)), on: link)
        expectRefusal(.stranger, by: solo, on: link)
    }

    /// A neighbouring cluster that happens to have the same name can't end a node.
    @Test(arguments: [FoundingState.newborn, .pledged(Solo.record), .founded(Solo.record)])
    func aStrangerWithARecordEndsNobody(founding: FoundingState) {
        let solo = Solo(founding: founding)
        let foreign = FoundingRecord(
            cluster: Box.cluster, members: (4...6).map { .init(node: name($0), disk: DiskID(40)) })!
        let link = solo.open()
        solo.hear(.hello(solo.hello(of: 4, disk: 40, founding: .founded(foreign))), on: link)
        expectRefusal(.stranger, by: solo, on: link)
    }

    @Test func anotherDiskThanTheRecordNamesIsRefused() {
        let solo = Solo()
        let link = solo.connect(2, solo.hello(of: 2, disk: 20, founding: .newborn))
        expectRefusal(.otherDisk, by: solo, on: link)
        let other = solo.connect(3, solo.hello(of: 3, disk: 30))
        expectRefusal(.otherDisk, by: solo, on: other)
    }

    /// A disk that a founded cluster's record names, and that remembers nothing, was put back empty.
    @Test func aDiskThatHasForgottenItsPledgeIsRefused() {
        let solo = Solo()
        let link = solo.connect(2, solo.hello(of: 2, founding: .newborn))
        expectRefusal(.otherDisk, by: solo, on: link)
    }

    private func expectRefusal(_ reason: Refusal.Reason, by solo: Solo, on link: LinkID) {
        let refusals = solo.said(on: link).compactMap { message -> Refusal.Reason? in
            if case .refusal(let refusal) = message { refusal.reason } else { nil }
        }
        #expect(refusals == [reason])
        #expect(solo.box.closes.contains(link))
        #expect(solo.box.end == nil)
    }
}
