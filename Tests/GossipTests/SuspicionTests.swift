import Primitives
import Testing

@testable import Gossip

/// Lifeguard §IV-B.
@Suite struct SuspicionTests {
    private static func suspicion(in members: Int, _ profile: Profile = .lan) -> Suspicion {
        Suspicion(
            of: node(9), incarnation: 1, by: node(1), in: members, profile: profile,
            at: .origin)
    }

    private func expectNews(of suspicion: inout Suspicion, by accuser: Int, _ isNews: Bool) {
        let news = suspicion.confirm(by: node(accuser))
        #expect(news == isNews)
    }

    @Test func itLastsLongUntilOthersConfirmIt() {
        var suspicion = SuspicionTests.suspicion(in: 10)
        // 4 periods at the least, six times that at the most, and between them by the logarithm.
        #expect(suspicion.end == .origin + .milliseconds(24_000))
        expectNews(of: &suspicion, by: 2, true)
        let once = 24_000 - Int(20_000 * 0.63093)
        #expect(abs(suspicion.end.since(.origin).wholeMilliseconds - once) <= 2)
        expectNews(of: &suspicion, by: 3, true)
        #expect(suspicion.end == .origin + .milliseconds(4_000))
    }

    @Test func nobodyConfirmsItTwice() {
        var suspicion = SuspicionTests.suspicion(in: 10)
        expectNews(of: &suspicion, by: 1, false)
        expectNews(of: &suspicion, by: 2, true)
        expectNews(of: &suspicion, by: 2, false)
        expectNews(of: &suspicion, by: 3, true)
        expectNews(of: &suspicion, by: 4, false)
        #expect(suspicion.end == .origin + .milliseconds(4_000))
    }

    @Test func itGrowsWithTheLogarithmOfTheMembers() {
        let small = SuspicionTests.suspicion(in: 10).end.since(.origin).wholeMilliseconds
        let large = SuspicionTests.suspicion(in: 1_000).end.since(.origin).wholeMilliseconds
        #expect(abs(large - 3 * small) <= 3)
    }

    @Test func whereTooFewAreLeftToConfirmItItIsShort() {
        #expect(SuspicionTests.suspicion(in: 3).end == .origin + .milliseconds(4_000))
        #expect(SuspicionTests.suspicion(in: 4).end == .origin + .milliseconds(24_000))
    }

    @Test func withoutLifeguardItsLengthIsFixed() {
        var profile = Profile.lan
        profile.hasLifeguard = false
        var suspicion = SuspicionTests.suspicion(in: 10, profile)
        #expect(suspicion.end == .origin + .milliseconds(4_000))
        expectNews(of: &suspicion, by: 2, false)
    }

    @Test func logarithmsAreRight() {
        #expect(Logarithm.binary(of: 1) == 0)
        #expect(Logarithm.binary(of: 1_024) == 10 * Logarithm.one)
        #expect(Logarithm.binary(of: 3) == 103_872)
        #expect(abs(Logarithm.decimal(of: 1_000) - 3 * Logarithm.one) <= 2)
        #expect(Logarithm.binary(of: .max) < 63 * Logarithm.one)
        for (number, digits) in [(1, 0), (2, 1), (10, 1), (11, 2), (1_000, 3), (1_001, 4)] {
            #expect(Logarithm.decimalRoundedUp(of: number) == digits)
        }
        #expect(Logarithm.decimalRoundedUp(of: .max) == 19)
    }

    @Test func exchangesBecomeRarerAsTheClusterGrows() {
        let interval = Profile.lan.pushPullInterval
        #expect(Profile.lan.exchangeInterval(in: 3) == interval)
        #expect(Profile.lan.exchangeInterval(in: 32) == interval)
        #expect(Profile.lan.exchangeInterval(in: 33) == interval * 2)
        #expect(Profile.lan.exchangeInterval(in: 64) == interval * 2)
        #expect(Profile.lan.exchangeInterval(in: 1_000) == interval * 6)
    }

    @Test func aSuspicionThatNobodyRefutesEndsInDeath() {
        let solo = Solo(others: 9)
        solo.apply(suspect(5, by: 2))
        #expect(solo.state(5) == .suspect)
        solo.apply(suspect(5, by: 3))
        solo.apply(suspect(5, by: 4))
        // Four periods of 200 ms.
        solo.run(until: .origin + .milliseconds(799))
        #expect(solo.state(5) == .suspect)
        solo.run(until: .origin + .milliseconds(800))
        #expect(solo.state(5) == .dead)
    }

    @Test func forgedNamesDoNotConfirm() {
        let solo = Solo(others: 9)
        solo.apply(suspect(5, by: 2), suspect(5, by: 77), suspect(5, by: 78))
        solo.run(until: .origin + .milliseconds(1_500))
        #expect(solo.state(5) == .suspect)
    }

    @Test func aRefutationEndsIt() {
        let solo = Solo(others: 9)
        solo.apply(suspect(5, by: 2), suspect(5, by: 3), suspect(5, by: 4))
        solo.apply(alive(5, 1))
        #expect(solo.state(5) == .alive)
        // It was about the incarnation before.
        solo.apply(suspect(5, 0, by: 6))
        solo.apply(dead(5, 0, by: 6))
        #expect(solo.state(5) == .alive)
        #expect(solo.member(5)?.incarnation == 1)
    }
}
