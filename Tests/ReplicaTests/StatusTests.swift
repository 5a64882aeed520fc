import Primitives
import Raft
import Replica
import Testing

/// What a node says about itself.
struct StatusTests {
    @Test func aLeaderTellsOfItsPeers() {
        let solo = WriteTests.leading()
        solo.disconnect(3)
        solo.pass(milliseconds: 7)
        let status = solo.status
        #expect(status.role.description == "leader")
        #expect(status.leader == name(1))
        #expect(status.leaderHTTP == Array("n1:80".utf8))
        #expect(status.term == Term(1))
        #expect(status.commit == LogIndex(1))
        #expect(status.lastIndex == LogIndex(1) && status.firstIndex == LogIndex(1))
        #expect(status.voters == [name(1), name(2), name(3)])
        #expect(status.waitingFor == [])
        #expect(status.peers.map(\.node) == [name(2), name(3)])
        #expect(status.peers.map(\.match) == [LogIndex(1), LogIndex(0)])
        #expect(status.peers.map(\.connected) == [true, false])
        #expect(status.peers.first?.lastContact == .milliseconds(7))
    }

    @Test func theRolesAreNamed() {
        let solo = Solo(founding: .newborn)
        #expect(solo.box.isRole("newborn", at: solo.now))
        #expect(Solo(founding: .pledged(Solo.record)).status.role.description == "newborn")
        let other = Solo()
        #expect(other.box.isRole("follower", at: other.now))
        other.connect(2)
        other.pass(milliseconds: 300)
        #expect(other.box.isRole("precandidate", at: other.now))
        other.hear(
            .preVoteReply(PreVoteReply(term: .zero, askedIn: .zero, granted: true)), from: 2)
        other.persist()
        #expect(other.box.isRole("candidate", at: other.now))
        #expect(other.status.peers.isEmpty)
    }

    @Test func aFollowerTellsWhoLeadsAndWhere() {
        let solo = Solo()
        solo.connect(2)
        #expect(solo.status.leader == nil && solo.status.leaderHTTP == nil)
        solo.follow(2, term: 4, entries: [noOperation(term: 4)])
        #expect(solo.status.leader == name(2))
        #expect(solo.status.leaderHTTP == Array("n2:80".utf8))
        #expect(solo.status.peers.isEmpty)
        solo.disconnect(2)
        #expect(solo.status.leader == nil)
    }

    @Test func aNewbornWaitsForThoseItIsNotConnectedTo() {
        let solo = Solo(founding: .newborn)
        #expect(solo.status.waitingFor == [name(2), name(3)])
        solo.connect(2, solo.hello(of: 2, founding: .newborn))
        #expect(solo.status.waitingFor == [name(3)])
        solo.disconnect(2)
        #expect(solo.status.waitingFor == [name(2), name(3)])
    }

    @Test func aPledgedNodeWaitsForThoseWhoHaveNotPledged() {
        let solo = Solo(founding: .pledged(Solo.record))
        solo.connect(2, solo.hello(of: 2, founding: .newborn))
        #expect(solo.status.waitingFor == [name(2), name(3)])
        let link = solo.connect(3, solo.hello(of: 3, founding: .pledged(Solo.record)))
        #expect(solo.status.waitingFor == [name(2)])
        solo.turn(.linkClosed(link))
        #expect(solo.status.waitingFor == [name(2)])
    }

    @Test func changesOfLeaderAreNoticed() {
        let solo = WriteTests.leading()
        #expect(solo.box.notices.contains(.leader(name(1), Term(1))))
        solo.follow(2, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)])
        #expect(solo.box.notices.last == .leader(name(2), Term(2)))
        solo.disconnect(2)
        #expect(solo.box.notices.contains(.leader(nil, Term(2))))
    }
}
