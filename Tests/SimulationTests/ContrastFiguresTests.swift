import Primitives
import Testing

@testable import Simulation

/// Figures of histories made by hand.
struct ContrastFiguresTests {
    private func time(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    /// A call of a client at `home`, asked and answered at those milliseconds.
    private func call(
        _ request: Contrast.Request, asked: Int, told value: Int64, at: Int, write: Int? = nil,
        home: Int = 0
    ) -> Contrast.Call {
        var call = open(request, asked: asked, home: home)
        call.fate = .done(
            Contrast.Call.Done(
                value: value,
                write: write.map { Contrast.WriteID(number: $0, amount: 1) }, node: home,
                at: time(at)))
        return call
    }

    private func open(
        _ request: Contrast.Request, asked: Int, home: Int = 0, fate: Contrast.Call.Fate = .open
    ) -> Contrast.Call {
        var call = Contrast.Call(
            Contrast.Schedule.Entry(time: time(asked), home: home, request: request))
        call.fate = fate
        return call
    }

    private func record(
        _ calls: [Contrast.Call], values: [Int64?] = [0], holdings: [[Int]] = [[]]
    ) -> Contrast.Record {
        Contrast.Record(
            calls: calls, values: values, holdings: holdings, fault: time(100)..<time(200),
            settledFrom: .origin, agreedSince: nil, minority: [], messagesInSecond: 5)
    }

    private var threeAdds: [Contrast.Call] {
        [
            call(.add(1), asked: 0, told: 1, at: 1, write: 1),
            call(.add(1), asked: 2, told: 2, at: 3, write: 2),
            call(.add(1), asked: 4, told: 1, at: 9, write: 3, home: 1),
        ]
    }

    @Test func `what no node holds is lost`() {
        let figures = Contrast.Figures(
            record(threeAdds, values: [2, 2], holdings: [[0, 1], [0, 1]]))
        #expect(figures.acknowledged == 3)
        #expect(figures.surviving == 2)
        #expect(figures.lost == 1)
        #expect(figures.values == [2, 2])
    }

    @Test func `where nodes differ for good, the one with the most adds counts`() {
        let record = record(threeAdds, values: [2, 1], holdings: [[2], [0, 1]])
        #expect(record.surviving == [0, 1])
        #expect(Contrast.Figures(record).lost == 1)
    }

    @Test func `two adds that are told the same write are one`() {
        let calls = [
            call(.add(1), asked: 0, told: 1, at: 1, write: 1),
            call(.add(1), asked: 0, told: 1, at: 1, write: 1),
        ]
        let figures = Contrast.Figures(record(calls, holdings: [[0, 1]]))
        #expect(figures.acknowledged == 2)
        #expect(figures.lost == 1)
    }

    @Test func `an add of unknown outcome is neither acknowledged nor lost`() {
        let calls = [
            call(.add(1), asked: 0, told: 1, at: 1, write: 1),
            open(.add(1), asked: 2, fate: .unknown), open(.add(1), asked: 3, fate: .failed),
        ]
        // It is in the value all the same.
        let figures = Contrast.Figures(record(calls, values: [2], holdings: [[0]]))
        #expect(figures.acknowledged == 1)
        #expect(figures.unknown == 1)
        #expect(figures.lost == 0)
    }

    @Test func `a read is stale where somebody was told more before it was asked`() {
        let add = call(.add(1), asked: 0, told: 5, at: 10, write: 1)
        func stale(_ reads: Contrast.Call...) -> Int {
            Contrast.Figures(record([add] + reads)).staleReads
        }
        #expect(stale(call(.read, asked: 10, told: 4, at: 11)) == 1)
        #expect(stale(call(.read, asked: 9, told: 4, at: 20)) == 0, "asked before")
        #expect(stale(call(.read, asked: 10, told: 5, at: 11)) == 0)
        #expect(stale(call(.read, asked: 10, told: 6, at: 11)) == 0)
        #expect(stale(open(.read, asked: 10, fate: .failed)) == 0, "not answered")
        #expect(
            stale(
                call(.read, asked: 11, told: 0, at: 12), call(.read, asked: 12, told: 1, at: 13))
                == 2)
    }

    @Test func `agreement counts from the last add that was told, or from the healing`() {
        var record = record(threeAdds)
        #expect(Contrast.Figures(record).agreement == nil)
        record.agreedSince = time(29)
        #expect(Contrast.Figures(record).agreement == .milliseconds(20))
        record.settledFrom = time(25)
        #expect(Contrast.Figures(record).agreement == .milliseconds(4))
        record.agreedSince = time(5)
        #expect(Contrast.Figures(record).agreement == .zero)
    }

    @Test func `during the fault is whatever was asked then, and the minority's share of it`() {
        var record = record([
            call(.read, asked: 99, told: 0, at: 150), call(.read, asked: 100, told: 0, at: 300),
            open(.add(1), asked: 199, home: 1, fate: .failed),
            call(.add(1), asked: 199, told: 1, at: 201, write: 1, home: 1),
            call(.read, asked: 200, told: 0, at: 201),
        ])
        #expect(
            Contrast.Figures(record).duringFault == Contrast.Figures.Share(answered: 2, asked: 3))
        #expect(Contrast.Figures(record).inMinority == nil)
        record.minority = [1]
        #expect(
            Contrast.Figures(record).inMinority == Contrast.Figures.Share(answered: 1, asked: 2))
        #expect(Contrast.Figures(record).reads == Contrast.Figures.Share(answered: 3, asked: 3))
    }

    @Test func `medians are of what was answered`() {
        let figures = Contrast.Figures(record(threeAdds + [open(.read, asked: 7, fate: .failed)]))
        #expect(figures.addMedian == .milliseconds(1))
        #expect(figures.readMedian == nil)
    }
}
