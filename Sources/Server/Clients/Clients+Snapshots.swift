import HTTP
import Posix
import Primitives
import Raft
import Replica

/// Who reads snapshots, and how far that is.
struct SnapshotReaders {
    /// All who have asked for one and have not got all of it.
    var clients: [ClientConnection] = []
    /// Whose reads are confirmed, oldest first: a snapshot of any later state is one for them.
    var waiting = RingBuffer<RequestNumber>()
    /// For whom one is being encoded.
    var served: RequestNumber?
}

/// Snapshots of the state. A read is confirmed as for the value; then the state is copied, which takes
/// next to no time, and encoded beside the loop. One is encoded at a time, for one client, so that no
/// turn has more than one to hand out.
extension Clients {
    /// Why no more snapshots are given out for now, or nil where this client may have one.
    mutating func refusalOfSnapshot(to client: ClientConnection) -> ProblemDetails? {
        let reading = snapshotReaders.clients.filter { !hasAll($0) }
        snapshotReaders.clients = reading
        // What is not sent yet takes memory, so a client has to take one before it asks for another.
        let isFirst = !reading.contains { $0 === client }
        if isFirst, reading.count < ServerLimits.snapshotReaders {
            snapshotReaders.clients.append(client)
            return nil
        }
        return ProblemDetails(
            .overloaded,
            "Enough snapshots are being read from this node; try again, or another one.")
    }

    private func hasAll(_ client: ClientConnection) -> Bool {
        guard case .client(let known) = watchlist[client.token], known === client else {
            return true
        }
        let exchanges = client.exchanges
        return !(0..<exchanges.count).contains { exchanges[$0].page == .snapshot }
            && client.output.count <= ServerLimits.clientOutput
    }

    /// A snapshot may be taken for the exchange at that position from now on.
    mutating func noteConfirmedSnapshot(_ client: ClientConnection, at position: Int) {
        let number = client.firstNumber + UInt64(position)
        snapshotReaders.waiting.append(RequestNumber(token: client.token, number: number))
    }

    /// Whether a snapshot is to be taken now; it is then for the first who waits and is still there.
    mutating func beginSnapshot() -> Bool {
        guard snapshotReaders.served == nil else { return false }
        while let next = snapshotReaders.waiting.popFirst() {
            guard client(of: next)?.position(of: next) != nil else { continue }
            snapshotReaders.served = next
            return true
        }
        return false
    }

    /// Hands the snapshot that was taken to whom it was taken for.
    mutating func answerSnapshot(_ snapshot: Snapshot, cluster: [UInt8]) {
        guard let number = snapshotReaders.served else {
            preconditionFailure("a snapshot for nobody")
        }
        snapshotReaders.served = nil
        guard let client = client(of: number), let position = client.position(of: number) else {
            return
        }
        let encoder = encoder
        let nodeName = nodeName
        var disposition = Array("attachment; filename=\"".utf8)
        disposition.append(contentsOf: cluster)
        disposition.append(contentsOf: "-\(snapshot.last.index.number).tally\"".utf8)
        client.answer(at: position) { exchange, output in
            encoder.begin(.ok, closing: exchange.closes, into: &output)
            encoder.place(snapshot.last, isReplay: false, nodeName, into: &output)
            encoder.field("Content-Disposition", disposition, into: &output)
            encoder.finish(
                snapshot.bytes, type: "application/octet-stream", isHead: exchange.isHead,
                into: &output)
        }
        markDirty(client)
    }
}
