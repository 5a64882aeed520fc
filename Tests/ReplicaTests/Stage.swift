import Founding
import Primitives
import Raft
import Replica
import Wire

/// Several nodes on one clock, with every delivery, write and crash in the test's hand.
final class Stage {
    /// A connection; its ends are the caller, 0, and the called, 1.
    final class Connection {
        let boxes: [Box]
        let links: [LinkID]
        /// What is on its way to each end, in frames.
        var inbound: [[[UInt8]]] = [[], []]
        var isOpen = [true, true]
        /// Nothing arrives, and nobody learns why.
        var isFrozen = false

        init(_ caller: (Box, LinkID), _ called: (Box, LinkID)) {
            boxes = [caller.0, called.0]
            links = [caller.1, called.1]
        }

        func joins(_ one: Box, _ other: Box) -> Bool {
            boxes.contains { $0 === one } && boxes.contains { $0 === other }
        }

        /// Whether there is something for that end: a frame, or the news that the other has closed.
        func hasNews(for end: Int) -> Bool {
            !isFrozen && isOpen[end] && (!inbound[end].isEmpty || !isOpen[1 - end])
        }
    }

    private static let callBack = Timespan.milliseconds(1_000)

    let founders: [NodeID]
    private(set) var now = Instant.origin + .milliseconds(10_000)
    private(set) var boxes: [Box] = []
    private(set) var connections: [Connection] = []
    /// What no schedule of events may lead to, if it came to pass.
    var violations: [String] = []
    /// How many connections have ended, whoever ended them.
    private(set) var endedConnections = 0
    /// After how many entries the nodes take snapshots, and how they cut their logs behind them.
    var snapshotEntries = UInt64.max
    var snapshotLimits = SnapshotLimits.standard
    /// After how many entries the nodes tell each other what their states come to.
    var checkpoint = EngineLimits.checkpoint
    /// Boxes whose disk hangs.
    var hungDisks: [Box] = []
    private var apart: [(Box, Box)] = []
    private var lastCalls: [(box: Box, peer: NodeID, at: Instant)] = []
    private var lastNumber: UInt64 = 100

    init(founders count: Int) {
        founders = (1...count).map(name)
    }

    private func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    // MARK: Nodes

    func freshDisk(_ number: Int) -> TestDisk {
        TestDisk(of: name(number), id: DiskID(nextNumber()))
    }

    @discardableResult
    func start(
        _ disk: TestDisk, founders: [NodeID]? = nil, cluster: String = "stage",
        levels: ClosedRange<FeatureLevel>? = .initial ... .current, origin: UInt64? = nil
    ) -> Box {
        let box = Box(
            disk: disk, nonce: nextNumber(), founders: founders ?? self.founders,
            cluster: Array(cluster.utf8), levels: levels, origin: origin,
            snapshotLimits: snapshotLimits, checkpoint: checkpoint, at: now)
        box.snapshotEntries = snapshotEntries
        boxes.append(box)
        turn(box, [])
        return box
    }

    /// All founders on fresh disks.
    func startAll() -> [Box] { (1...founders.count).map { start(freshDisk($0)) } }

    func isUp(_ box: Box) -> Bool { boxes.contains { $0 === box } }

    /// The process ends, and its machine closes its connections.
    func crash(_ box: Box) {
        boxes.removeAll { $0 === box }
        hungDisks.removeAll { $0 === box }
        for connection in connections {
            for end in 0...1 where connection.boxes[end] === box { connection.isOpen[end] = false }
        }
    }

    /// The process ends, and nobody closes its connections.
    func losePower(_ box: Box) {
        for connection in connections where connection.boxes.contains(where: { $0 === box }) {
            connection.isFrozen = true
        }
        boxes.removeAll { $0 === box }
    }

    @discardableResult
    func restart(_ box: Box) -> Box {
        crash(box)
        return start(box.disk)
    }

    var leader: Box? {
        let leaders = boxes.filter { $0.leads(at: now) }
        return leaders.max {
            $0.status(at: now).term < $1.status(at: now).term
        }
    }

    // MARK: Connections

    @discardableResult
    func connect(_ caller: Box, to called: Box, dialed: NodeID? = nil) -> Connection {
        let links = (LinkID(nextNumber()), LinkID(nextNumber()))
        let connection = Connection((caller, links.0), (called, links.1))
        connections.append(connection)
        turn(caller, [.linkOpened(links.0, dialed: dialed ?? called.node)])
        turn(called, [.linkOpened(links.1, dialed: nil)])
        return connection
    }

    /// Both ends learn that the connection has ended; what was under way is lost.
    func close(_ connection: Connection) {
        for end in 0...1 where connection.isOpen[end] {
            connection.isOpen[end] = false
            connection.inbound[end] = []
            turn(connection.boxes[end], [.linkClosed(connection.links[end])])
        }
    }

    func close(between one: Box, _ other: Box) {
        for connection in connections where connection.joins(one, other) { close(connection) }
    }

    /// Nothing passes between the two any more, and neither learns why.
    func part(_ one: Box, from other: Box) {
        apart.append((one, other))
        for connection in connections where connection.joins(one, other) {
            connection.isFrozen = true
        }
    }

    func part(_ one: Box, from others: [Box]) {
        for other in others where other !== one { part(one, from: other) }
    }

    func heal() {
        apart = []
        for connection in connections { connection.isFrozen = false }
    }

    private func canMeet(_ one: Box, _ other: Box) -> Bool {
        !apart.contains { ($0 === one && $1 === other) || ($0 === other && $1 === one) }
    }

    // MARK: Turns

    /// Steps one turn of a node and takes its effects in.
    func turn(_ box: Box, _ events: [Replica.Event]) {
        guard isUp(box) else { return }
        box.turn(events, at: now)
        takeIn(box)
    }

    func persist(_ box: Box) {
        box.persist(at: now)
        takeIn(box)
    }

    func ask(_ box: Box, _ requests: CalculatorRequest...) -> [RequestID] {
        let ids = box.ask(requests, at: now)
        takeIn(box)
        return ids
    }

    private func takeIn(_ box: Box) {
        for (link, message) in box.outbox {
            noteViolations(of: box, saying: message)
            for connection in connections {
                for end in 0...1
                where connection.links[end] == link && connection.isOpen[end]
                    && connection.isOpen[1 - end]
                {
                    var bytes: [UInt8] = []
                    FrameEncoder.append(message, to: &bytes)
                    connection.inbound[1 - end].append(bytes)
                }
            }
        }
        for connection in connections {
            for end in 0...1 where box.closes.contains(connection.links[end]) {
                connection.isOpen[end] = false
            }
        }
        box.outbox = []
        box.closes = []
        noteViolations(of: box)
        if box.end != nil { crash(box) }
    }

    private func noteViolations(of box: Box, saying message: PeerMessage) {
        guard case .raft = message else { return }
        if box.record?.disk(of: box.node) != box.disk.id {
            violations.append("\(box.node) on disk \(box.disk.id) says \(message)")
        }
    }

    private func noteViolations(of box: Box) {
        let status = box.status(at: now)
        guard box.record == nil else { return }
        if status.term != .zero || box.write?.hardState != nil || status.leader != nil {
            violations.append("\(box.node) is not founded, in term \(status.term.number)")
        }
    }

    /// Hands one end what comes next on its connection.
    func deliver(_ connection: Connection, to end: Int) {
        let box = connection.boxes[end]
        if connection.inbound[end].isEmpty {
            connection.isOpen[end] = false
            return turn(box, [.linkClosed(connection.links[end])])
        }
        let bytes = connection.inbound[end].removeFirst()
        if box.isOld, mustOldProgramRefuse(bytes) {
            connection.isOpen[end] = false
            return turn(box, [.linkClosed(connection.links[end])])
        }
        guard let frame = try? FrameDecoder.decode(bytes, from: 0, to: bytes.count),
            frame.consumed == bytes.count
        else {
            violations.append("a frame that can't be read")
            return
        }
        let before = box.status(at: now).term
        let sender = connection.boxes[1 - end].disk
        turn(box, [.received(frame.message, on: connection.links[end])])
        if let record = box.record, record.disk(of: sender.node) != sender.id,
            box.status(at: now).term != before
        {
            violations.append("\(box.node) listens to \(sender.node) on disk \(sender.id)")
        }
    }

    /// Lets one thing happen that needs no time: a write, a delivery or a call. Returns false where
    /// nothing is left.
    func advance() -> Bool {
        for box in boxes where box.write != nil && !hungDisks.contains(where: { $0 === box }) {
            persist(box)
            return true
        }
        for box in boxes where box.hasStateHashes {
            turn(box, [])
            return true
        }
        for box in boxes where box.isSavingSnapshot {
            box.saveSnapshots(at: now)
            takeIn(box)
            return true
        }
        for connection in connections {
            for end in 0...1 where connection.hasNews(for: end) {
                deliver(connection, to: end)
                return true
            }
        }
        let before = connections.count
        connections.removeAll { connection in
            !connection.isFrozen && !connection.isOpen[0] && !connection.isOpen[1]
        }
        endedConnections += before - connections.count
        for box in boxes { if call(from: box) { return true } }
        return false
    }

    /// Calls one peer that the node wants to call, at most once an instant; those that should call it
    /// once a second, for the first time a second after its start.
    private func call(from box: Box) -> Bool {
        let silent = now >= box.startedAt + Stage.callBack ? box.peersToCallBack : []
        for peer in box.peersToDial + silent {
            let pause = silent.contains(peer) ? Stage.callBack : .zero
            let isTired = lastCalls.contains { call in
                call.box === box && call.peer == peer && now <= call.at + pause
            }
            guard !isTired,
                let called = boxes.last(where: { $0.node == peer && canMeet(box, $0) })
            else { continue }
            lastCalls.removeAll { $0.box === box && $0.peer == peer }
            lastCalls.append((box, peer, now))
            connect(box, to: called)
            return true
        }
        return false
    }

    /// Lets everything happen that needs no time.
    func settle() {
        var count = 0
        while advance() {
            count += 1
            precondition(count < 100_000, "the stage never comes to rest")
        }
    }

    /// Lets that much time pass.
    func run(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        settle()
        var count = 0
        while let next = boxes.map({ $0.deadline }).min(), next <= end {
            now = max(now, next)
            for box in boxes where box.deadline <= now { turn(box, [.deadlineReached]) }
            settle()
            count += 1
            precondition(count < 100_000, "a deadline that never moves")
        }
        now = end
        settle()
    }

    /// Moves the clock alone.
    func wait(milliseconds: Int) { now = now + .milliseconds(milliseconds) }

    /// Lets time pass until a node leads.
    func elect() -> Box? {
        for _ in 0..<200 {
            if let leader { return leader }
            run(milliseconds: 10)
        }
        return nil
    }
}
