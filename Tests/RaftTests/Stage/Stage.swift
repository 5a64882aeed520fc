import Primitives
import Testing

@testable import Raft

/// A message on its way.
struct Packet: Hashable {
    var from: NodeID
    var to: NodeID
    var message: Message
}

/// Several cores on a stage whose time, network and disks are in the test's hands.
///
/// Nothing happens by itself: messages wait until they are delivered, timers until they are told to
/// expire. Every event is a turn of its own. Writes are synced at once, unless `withhold` says
/// otherwise. After every turn the stage checks what must hold always (see `Watch`).
final class Stage {
    let timing: Timing
    private(set) var players: [Player]
    var now = Instant(nanoseconds: 1_000_000_000)
    /// Messages under way, in the order of sending.
    var inFlight: [Packet] = []
    /// Called for each message that arrives or is lost.
    var onPacket: (Packet, _ isLost: Bool) -> Void = { _, _ in }
    private var connections: Set<[NodeID]> = []
    private var muted: Set<[NodeID]> = []
    private(set) var watch = Watch()

    /// That many servers, n1 and up, all connected, with empty disks where `disks` says nothing.
    init(
        _ count: Int, timing: Timing = .standard, disks: [NodeID: StagedDisk] = [:],
        bytesOnFullDisk: Int = 0
    ) {
        self.timing = timing
        let ids = [n1, n2, n3, n4, n5].prefix(count)
        players = ids.enumerated().map { position, id in
            Player(
                id, timing: timing, seed: UInt64(position) + 1, disk: disks[id] ?? StagedDisk(),
                bytesOnFullDisk: bytesOnFullDisk)
        }
        for player in players { turn(player.id, .configured(voters: Array(ids))) }
        for (position, id) in ids.enumerated() {
            for other in ids.dropFirst(position + 1) { connect(id, other) }
        }
    }

    subscript(_ id: NodeID) -> Player { players.first { $0.id == id }! }

    // MARK: Turns

    /// One turn of a server, made of these events.
    func turn(_ id: NodeID, _ events: Raft.Event...) {
        let player = self[id]
        guard player.isUp else { return }
        var effects = Raft.Effects()
        for event in events { player.raft.step(event, at: now, into: &effects) }
        player.raft.step(.turnEnded, at: now, into: &effects)
        watch.look(at: player)
        if let accepted = effects.accepted { player.accepted = accepted }
        player.readsReady += effects.readsReady
        player.notices += effects.notices
        for outbound in effects.outbox {
            guard isConnected(id, outbound.to) else { continue }
            inFlight.append(Packet(from: id, to: outbound.to, message: outbound.message))
        }
        if let write = effects.write { take(write, of: player) }
        if let snapshot = effects.install { take(snapshot, of: player) }
        // A host turns again at once where a leader has more to send.
        if player.raft.role == .leader, player.raft.hasMoreToSend { turn(id) }
    }

    private func take(_ write: Write, of player: Player) {
        let id = player.id
        #expect(player.unsynced == nil, "\(id) asked for a second write while one was under way")
        let staged = StagedWrite(
            id: write.id, base: write.base, hardState: write.hardState,
            first: write.entries.lowerBound, entries: player.entries(write.entries))
        player.unsynced = staged
        player.writes.append(staged)
        if !player.withholds { persist(id) }
    }

    /// Hands a server a message, whoever sent it.
    func tell(_ id: NodeID, _ message: Message, from sender: NodeID) {
        turn(id, .received(message, from: sender))
    }

    /// The server's timer expires: the time moves to its deadline.
    func expire(_ id: NodeID) {
        now = max(now, self[id].raft.deadline)
        turn(id, .deadlineReached)
    }

    /// Time passes; timers expire in their order and messages arrive at once.
    func run(for span: Timespan) {
        let end = now + span
        deliver()
        while true {
            let due = players.filter(\.isUp).min { $0.raft.deadline < $1.raft.deadline }
            guard let due, due.raft.deadline <= end else { break }
            expire(due.id)
            deliver()
        }
        now = end
    }

    /// Clients submit commands; the server takes them where it leads.
    func submit(_ id: NodeID, _ commands: String...) {
        var payloads = Payloads()
        for command in commands { payloads.append { $0 += Array(command.utf8) } }
        turn(id, .submitted(payloads))
    }

    /// A client wants a linearizable read.
    func read(_ id: NodeID, _ counter: UInt64, nonce: UInt64 = 1) {
        turn(id, .readRequested(ReadID(nonce: nonce, counter: counter)))
    }

    /// The server is elected over its timer, and all messages are delivered.
    func elect(_ id: NodeID, sourceLocation: SourceLocation = #_sourceLocation) {
        wait(forLeaseOfAllBut: id)
        expire(id)
        deliver()
        #expect(
            self[id].raft.role == .leader, "\(id) was not elected", sourceLocation: sourceLocation)
    }

    /// Time passes until the other servers, too, have heard their leader for the last time.
    func wait(forLeaseOfAllBut id: NodeID) {
        for player in players where player.id != id && player.raft.leader != nil {
            now = max(now, player.raft.lastLeaderContact + timing.election.lowerBound)
        }
    }

    // MARK: Disks

    /// From now on the server's writes stay unsynced until `persist`.
    func withhold(_ id: NodeID) { self[id].withholds = true }

    /// The write that is under way is synced.
    func persist(_ id: NodeID) {
        let player = self[id]
        guard let write = player.unsynced else { return }
        player.disk.apply(write)
        player.unsynced = nil
        turn(id, .persisted(through: write.id))
    }

    /// Writes are synced at once again, the one under way first.
    func release(_ id: NodeID) {
        self[id].withholds = false
        persist(id)
    }

    // MARK: Snapshots

    /// The state at a committed index.
    func snapshot(at index: UInt64) -> Snapshot {
        let entries = watch.committed.prefix(Int(index))
        #expect(entries.count == Int(index), "\(index) is not committed")
        return Snapshot(entries.map(\.description).joined(separator: " "))
    }

    /// The server puts a snapshot of its own state on disk.
    func save(_ id: NodeID, at index: UInt64) {
        guard self[id].raft.commit >= LogIndex(index) else {
            Issue.record("\(id) does not know \(index) to be committed")
            return
        }
        let snapshot = snapshot(at: index)
        self[id].keep(snapshot)
        turn(id, .snapshotSaved(snapshot))
    }

    private func take(_ snapshot: Snapshot, of player: Player) {
        #expect(player.uninstalled == nil, "\(player.id) installs two snapshots at once")
        player.installs.append(snapshot)
        player.uninstalled = snapshot
        if !player.withholdsInstalls { install(player.id) }
    }

    /// From now on snapshots from the leader stay uninstalled until `install` or `reject`.
    func withholdInstalls(_ id: NodeID) { self[id].withholdsInstalls = true }

    /// The snapshot from the leader is put on disk.
    func install(_ id: NodeID) {
        let player = self[id]
        guard let snapshot = player.uninstalled else { return }
        player.uninstalled = nil
        player.keep(snapshot)
        turn(id, .snapshotInstalled(snapshot))
    }

    /// The snapshot from the leader is found to be of no use.
    func reject(_ id: NodeID) {
        guard let snapshot = self[id].uninstalled else { return }
        self[id].uninstalled = nil
        turn(id, .snapshotRejected(snapshot.last))
    }

    /// The server ends; what was not synced is gone, and its connections with it.
    func crash(_ id: NodeID) {
        self[id].isUp = false
        self[id].unsynced = nil
        self[id].uninstalled = nil
        for player in players where isConnected(id, player.id) { cut(id, player.id) }
        watch.forget(id)
    }

    /// The server starts again from its disk and is connected to all that are up.
    func restart(_ id: NodeID) {
        self[id].reboot()
        self[id].withholds = false
        self[id].withholdsInstalls = false
        turn(id, .configured(voters: players.map(\.id)))
        for player in players where player.id != id && player.isUp { connect(id, player.id) }
    }

    // MARK: Network

    func isConnected(_ left: NodeID, _ right: NodeID) -> Bool {
        connections.contains([left, right].sorted())
    }

    func connect(_ left: NodeID, _ right: NodeID) {
        guard self[left].isUp && self[right].isUp else { return }
        guard connections.insert([left, right].sorted()).inserted else { return }
        turn(left, .connected(right))
        turn(right, .connected(left))
    }

    /// The connection ends; what is under way on it is lost, and both sides hear of it.
    func cut(_ left: NodeID, _ right: NodeID) {
        guard connections.remove([left, right].sorted()) != nil else { return }
        drop { [$0.from, $0.to].sorted() == [left, right].sorted() }
        turn(left, .connectionLost(right))
        turn(right, .connectionLost(left))
    }

    /// The server is cut off from all others.
    func isolate(_ id: NodeID) {
        for player in players where player.id != id { cut(id, player.id) }
    }

    /// The server is connected to all others again.
    func rejoin(_ id: NodeID) {
        for player in players where player.id != id && player.isUp { connect(id, player.id) }
    }

    /// Messages between the two are lost, and nobody notices.
    func mute(_ left: NodeID, _ right: NodeID) {
        muted.insert([left, right].sorted())
    }

    /// Messages between the two arrive again.
    func unmute(_ left: NodeID, _ right: NodeID) {
        muted.remove([left, right].sorted())
    }

    /// Takes messages out of the network without delivering them.
    @discardableResult
    func take(_ matches: (Packet) -> Bool = { _ in true }) -> [Packet] {
        let taken = inFlight.filter(matches)
        inFlight.removeAll(where: matches)
        return taken
    }

    /// Loses the messages that match.
    func drop(_ matches: (Packet) -> Bool = { _ in true }) {
        for packet in take(matches) { onPacket(packet, true) }
    }

    /// Delivers the messages that match, in the order of sending, and those that they lead to.
    func deliver(_ matches: (Packet) -> Bool = { _ in true }) {
        var delivered = 0
        while let position = inFlight.firstIndex(where: matches) {
            let packet = inFlight.remove(at: position)
            let isLost =
                !self[packet.to].isUp || muted.contains([packet.from, packet.to].sorted())
            onPacket(packet, isLost)
            if isLost { continue }
            tell(packet.to, packet.message, from: packet.from)
            delivered += 1
            guard delivered < 100_000 else {
                Issue.record("messages without end")
                return
            }
        }
    }

    /// Delivers what is under way now, and not what it leads to.
    func deliverOnce(_ matches: (Packet) -> Bool = { _ in true }) {
        for packet in take(matches) {
            onPacket(packet, false)
            tell(packet.to, packet.message, from: packet.from)
        }
    }
}
