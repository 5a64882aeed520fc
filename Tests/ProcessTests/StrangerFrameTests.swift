import ClusterHarness
import Effort
import HTTP
import Posix
import Primitives
import Testing
import Wire

extension ProcessTests {
    /// Well-formed frames at the raft port from somebody who does not belong there, and floods of them.
    @Suite struct StrangerFrameTests {
        private struct Page: Equatable {
            var term: UInt64
            var leader: String?
        }

        private func pages(of cluster: TestCluster) throws -> [Page] {
            try cluster.ids.map {
                let page = try cluster.status(of: $0)
                return Page(term: page.term, leader: page.leader)
            }
        }

        /// Says the bytes and waits for the node to close.
        private func say(_ bytes: [UInt8], to address: SocketAddress) throws -> [UInt8] {
            let connection = try RawConnection(to: address)
            // A node that will not hear them to the end closes before, perhaps by a reset.
            try? connection.send(bytes)
            return (try? connection.readUntilEnd()) ?? []
        }

        @Test func noFrameOfAStrangerCounts() throws {
            let cluster = try TestCluster(timing: .steady)
            try cluster.startAllAndSettle()
            let value = try cluster.add(3)
            try cluster.settle()
            let before = try pages(of: cluster)
            let name = Array(cluster.name.utf8)
            let hello = StrangerSpeech.frame(StrangerSpeech.stranger(to: name))
            func round() throws {
                for message in StrangerSpeech.messages(to: name) {
                    let frame = StrangerSpeech.frame(message)
                    for id in cluster.ids {
                        let address = try cluster.raft(id)
                        let answer = try say(frame, to: address)
                        if case .hello = message { continue }
                        #expect(answer == [], "\(message) is answered")
                        _ = try say(hello + frame, to: address)
                    }
                }
            }
            try round()
            let memory = try cluster.residentKilobytes()
            for _ in 0..<3 { try round() }
            for (now, then) in zip(try cluster.residentKilobytes(), memory) {
                #expect(now < then + 1_024, "from \(then) to \(now) KiB")
            }
            for id in cluster.ids { #expect(cluster.isRunning(id)) }
            #expect(try pages(of: cluster) == before)
            #expect(try cluster.linearizableValue() == value)
        }

        /// The same at a node that still waits for the others, which founds with them afterwards.
        @Test func noFrameOfAStrangerCountsAtANewbornNode() throws {
            let cluster = try TestCluster()
            let id = cluster.ids[2]
            try cluster.start(id)
            try Waiting.until("\(id) to answer", holds: { (try? cluster.status(of: id)) != nil })
            let name = Array(cluster.name.utf8)
            for message in StrangerSpeech.messages(to: name) where !isAcceptable(message) {
                let frame = StrangerSpeech.frame(message)
                let answer = try say(frame, to: try cluster.raft(id))
                if case .hello = message { continue }
                #expect(answer == [], "\(message) is answered")
            }
            #expect(cluster.isRunning(id))
            #expect(try cluster.status(of: id).role == "newborn")
            for other in cluster.ids where other != id { try cluster.start(other) }
            #expect(try cluster.add(1) == 1)
            #expect(cluster.isRunning(id))
        }

        /// A newborn voter of the file is what a newborn waits for.
        private func isAcceptable(_ message: PeerMessage) -> Bool {
            guard case .hello(let hello) = message else { return false }
            return hello.founding == .newborn && hello.voters.contains(hello.node)
        }

        @Test func otherProtocolsAreClosedAtOnceWithOneLine() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let id = cluster.ids[0]
            let address = try cluster.raft(id)
            let before = cluster.standardError(of: id).utf8.count
            for _ in 0..<20 {
                #expect(try say(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), to: address) == [])
                #expect(try say([0x16, 3, 1, 2, 0, 1, 0, 1], to: address) == [])
                _ = try RawConnection(to: address)
            }
            let lines = try Waiting.until("a line about each kind") { () -> [Substring]? in
                let said = cluster.standardError(of: id, after: before).split(separator: "\n")
                let lines = said.filter { $0.contains("at the raft port") }
                return Set(lines.map { $0.contains("before it said who") }).count == 2 ? lines : nil
            }
            #expect(lines.count == 2, "\(lines)")
        }

        /// 32 connections that send pings as fast as they may and read nothing, beside 16 writers.
        /// For half a second each, times TALLY_TEST_EFFORT, and prints what it costs.
        @Test(arguments: [20_000_000, nil])
        func aFloodOfPingsDeposesNobody(bytesASecond: Int?) throws {
            let cluster = try TestCluster(timing: .steady)
            try cluster.startAllAndSettle()
            let leader = try cluster.agreedLeader()
            _ = try cluster.add(1)
            let term = try cluster.status(of: leader).term
            let address = try cluster.raft(leader)
            let span = Timespan.milliseconds(effort * 500)
            var grown = 0
            let (rates, _) = try WriterPool.writing(to: cluster) { pool in
                _ = try pool.acknowledgement(after: MonotonicClock.now())
                let calm = try acknowledged(pool, during: span) { Waiting.rest(.milliseconds(20)) }
                let memory = try cluster.residentKilobytes()
                var flood = Flood(to: address, bytesASecond: bytesASecond)
                let flooded = try acknowledged(pool, during: span) { flood.push() }
                grown = zip(try cluster.residentKilobytes(), memory).map { $0 - $1 }.max() ?? 0
                _ = try pool.acknowledgement(after: MonotonicClock.now())
                let megabytes = flood.sent / 1_000_000
                print("\(megabytes) MB of pings over \(flood.calls) connections")
                return (calm, flooded)
            }
            print("writes beside the flood: \(rates.1) of \(rates.0); memory +\(grown) KiB")
            let page = try cluster.status(of: leader)
            #expect(page.term == term && page.leader == "\(leader)")
            #expect(rates.1 > 0)
            for id in cluster.ids { #expect(cluster.isRunning(id)) }
        }

        /// How many writes were acknowledged while `act` was done over and over.
        private func acknowledged(
            _ pool: WriterPool, during span: Timespan, doing act: () throws -> Void
        ) throws -> Int {
            let start = MonotonicClock.now()
            while MonotonicClock.now() < start + span { try act() }
            let end = MonotonicClock.now()
            return pool.attempts.count { $0.isAcknowledged && $0.end > start && $0.end <= end }
        }
    }
}

/// Connections that send pings without end, and are made anew when they are closed.
private struct Flood {
    private let address: SocketAddress
    private let bytesASecond: Int?
    private let start = MonotonicClock.now()
    private let pings: [UInt8]
    private var connections: [RawConnection?] = Array(repeating: nil, count: 32)
    private(set) var sent = 0
    private(set) var calls = 0

    init(to address: SocketAddress, bytesASecond: Int?) {
        self.address = address
        self.bytesASecond = bytesASecond
        pings = (0..<1_000).flatMap { StrangerSpeech.frame(.ping($0)) }
    }

    /// Each connection sends some, as far as the rate allows it.
    mutating func push() {
        for place in connections.indices {
            if let bytesASecond {
                let elapsed = MonotonicClock.now().since(start)
                let allowed = Int(elapsed.wholeMilliseconds) * bytesASecond / 1_000
                if sent + pings.count > allowed { return Waiting.rest(.milliseconds(1)) }
            }
            if connections[place] == nil {
                connections[place] = try? RawConnection(to: address, within: .milliseconds(50))
                calls += 1
            }
            do {
                try connections[place]?.send(pings, within: .zero)
                sent += pings.count
            } catch {
                connections[place] = nil
            }
        }
    }
}
