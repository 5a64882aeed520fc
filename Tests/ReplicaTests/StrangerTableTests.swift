import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// Every frame in every state of a connection, at a newborn, a pledged and a founded node, from
/// somebody whose greeting was not accepted: nothing comes of it.
struct StrangerTableTests {
    static let foundings: [FoundingState] = [
        .newborn, .pledged(Solo.record), .founded(Solo.record),
    ]

    /// A connection to somebody who is no peer.
    enum State: CaseIterable {
        /// Somebody has called.
        case called
        /// This node has called where only others say that the peer is.
        case hearsay
        /// Somebody has called, and its hello was not accepted.
        case turnedAway

        func open(at solo: Solo, after hello: Hello) -> LinkID {
            let link = solo.open(
                dialed: self == .hearsay ? 3 : nil, isHearsay: self == .hearsay)
            if self == .turnedAway { solo.hear(.hello(hello), on: link) }
            _ = solo.said(on: link)
            return link
        }
    }

    /// What a stranger must not change.
    private struct Picture: Equatable {
        var role: String
        var term: Term
        var leader: NodeID?
        var commit: LogIndex
        var lastIndex: LogIndex
        var founding: FoundingState
        var links: [LinkID]
        var isEnding: Bool

        init(_ solo: Solo) {
            let status = solo.status
            role = status.role.description
            term = status.term
            leader = status.leader
            commit = status.commit
            lastIndex = status.lastIndex
            founding = solo.box.founding
            links = solo.links.map(\.link).filter { !solo.box.closes.contains($0) }
            isEnding = solo.box.end != nil
        }
    }

    /// n1, and where it is founded it follows n2.
    private func node(_ founding: FoundingState) -> Solo {
        let solo = Solo(founding: founding)
        if founding.isFounded {
            solo.connect(2)
            solo.follow(
                2, term: 3, entries: [noOperation(term: 3), command(.set(5), term: 3)], commit: 2)
        }
        return solo
    }

    @Test(arguments: foundings, State.allCases)
    func aStrangerChangesNothing(founding: FoundingState, state: State) {
        let solo = node(founding)
        let before = Picture(solo)
        let hellos = StrangerFrames.hellos(to: solo)
        let messages =
            StrangerFrames.bare + hellos.map { .hello($0) } + hellos.map { .welcome($0) }
        for message in messages {
            let link = state.open(at: solo, after: hellos[5])
            solo.hear(message, on: link)
            let isGreeting =
                switch message {
                case .hello: state == .called
                case .welcome: state == .hearsay
                default: false
                }
            let answers = solo.said(on: link)
            expectOnlyGreetings(answers, after: message)
            if !isGreeting { #expect(answers == [], "\(state): \(message)") }
            #expect(solo.box.closes.contains(link), "\(state): \(message) keeps its connection")
            #expect(Picture(solo) == before, "\(state): \(message)")
            #expect(solo.box.write == nil)
            solo.turn(.linkClosed(link))
        }
        solo.pass(milliseconds: 100)
        #expect(solo.box.end == nil)
    }

    private func expectOnlyGreetings(_ answers: [PeerMessage], after message: PeerMessage) {
        for answer in answers {
            switch answer {
            case .welcome, .refusal: break
            default: Issue.record("\(message) is answered with \(answer)")
            }
        }
    }

    /// A connection that this node made itself: only a welcome counts there, and what it says is for
    /// the tests of identities.
    @Test(arguments: foundings) func whoeverIsCalledMustSayWhoItIsFirst(founding: FoundingState) {
        let solo = node(founding)
        let before = Picture(solo)
        for message in StrangerFrames.bare {
            let link = solo.open(dialed: 3)
            _ = solo.said(on: link)
            solo.hear(message, on: link)
            #expect(solo.said(on: link) == [], "\(message)")
            #expect(solo.box.closes.contains(link), "\(message)")
            #expect(Picture(solo) == before, "\(message)")
        }
    }

    /// Somebody imitates a peer as far as its hello. Then it may say what peers say; but no refusal ends
    /// this node, and no other record.
    @Test(arguments: foundings) func noCallerEndsANode(founding: FoundingState) {
        for message in StrangerFrames.bare + [.founding(.pledged(StrangerFrames.invented))] {
            let solo = Solo(2, founding: founding)
            let link = solo.connect(1, solo.hello(of: 1, founding: founding))
            #expect(solo.box.notices.last == .linked(name(1)))
            solo.hear(message, on: link)
            solo.pass(milliseconds: 5_000)
            #expect(solo.box.end == nil, "\(message)")
        }
    }

    /// While it is asked whether the one that is connected lives, the second one says nothing of
    /// weight.
    @Test func aContestedConnectionSaysNothingOfWeight() {
        for message in StrangerFrames.bare {
            let solo = Solo(2)
            solo.connect(1)
            solo.follow(
                1, term: 3, entries: [noOperation(term: 3), command(.set(5), term: 3)], commit: 2)
            let before = Picture(solo)
            let second = solo.connect(1, solo.hello(of: 1, nonce: 71))
            _ = solo.said(on: second)
            solo.hear(message, on: second)
            expectOnlyGreetings(solo.said(on: second), after: message)
            var after = Picture(solo)
            after.links.removeAll { $0 == second }
            #expect(after == before, "\(message)")
        }
    }

    /// The claim that this node is a copy comes with the first words on a connection of its own.
    @Test(arguments: foundings, [false, true])
    func onlyTheNewcomerIsEndedAsACopy(founding: FoundingState, isLetIn: Bool) {
        let solo = Solo(founding: founding)
        let link = solo.connect(3, solo.hello(of: 3, founding: founding))
        if isLetIn { solo.hear(.founding(founding), on: link) }
        solo.hear(.refusal(Refusal(reason: .duplicate, detail: "a copy")), on: link)
        #expect((solo.box.end != nil) == !isLetIn)
        #expect(solo.box.closes.contains(link))
    }

    /// Another disk under this node's id is connected already: one that has promised nothing gives way.
    @Test(arguments: foundings) func aSecondDiskGivesWayBeforeTheFounding(founding: FoundingState) {
        let solo = Solo(founding: founding)
        let link = solo.connect(3, solo.hello(of: 3, founding: founding))
        solo.hear(.refusal(Refusal(reason: .twoDisks, detail: "two")), on: link)
        #expect((solo.box.end != nil) == !founding.isFounded)
    }

    /// A record that speaks against this node counts where this node has called, and at no address that
    /// others have told while it knows one itself.
    @Test(arguments: [false, true]) func aLostDiskIsHeardOfOnAnOwnCall(isHearsay: Bool) {
        let solo = Solo(founding: .newborn)
        let link = solo.open(dialed: 3, isHearsay: isHearsay)
        let hello = solo.hello(of: 3, disk: 93, founding: .founded(StrangerFrames.invented))
        solo.hear(.welcome(hello), on: link)
        #expect((solo.box.end != nil) == !isHearsay)
        #expect(solo.box.closes.contains(link))
    }
}

/// How many may stand at the door.
struct StrangerCountTests {
    @Test func callersWaitWhileOthersHaveNotSpoken() {
        let solo = Solo()
        let first = solo.now
        for _ in 1..<ReplicaLimits.strangers { _ = solo.open() }
        #expect(solo.box.nextAcceptance <= solo.now)
        let last = solo.open()
        #expect(solo.box.nextAcceptance == first + ReplicaLimits.firstWords)
        // Whoever has said who it is makes room.
        solo.hear(.hello(solo.hello(of: 2)), on: last)
        #expect(solo.box.nextAcceptance <= solo.now)
    }

    @Test func aHandshakeIsFollowedFromOutside() {
        let solo = Solo()
        let called = solo.open()
        let calling = solo.open(dialed: 3)
        #expect(solo.box.speaker(on: called) == .caller)
        #expect(solo.box.speaker(on: calling) == .called)
        solo.hear(.hello(solo.hello(of: 2)), on: called)
        solo.hear(.welcome(solo.hello(of: 3)), on: calling)
        #expect(solo.box.speaker(on: called) == .introduced)
        #expect(solo.box.speaker(on: calling) == .introduced)
        #expect(solo.box.speaker(on: LinkID(999)) == nil)
    }
}
