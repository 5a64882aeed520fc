import Posix
import Primitives
import Replica

/// Taking connections in at the raft port: a few in a turn, after what peers have said, and none while
/// as many callers as may have not said yet who they are. So strangers wait in the listener's queue,
/// and each peer among them has its turn.
extension Server {
    /// Takes waiting callers in; what is left in the queue is looked at in the next turn.
    mutating func acceptCallers() {
        hasWaitingCallers = false
        var room = ServerLimits.callersInTurn
        let listeners = raftListeners
        for listener in listeners {
            while room > 0, accept(from: listener) { room -= 1 }
        }
    }

    /// Takes one caller in. False where none waits, or where it must wait.
    private mutating func accept(from listener: Listener) -> Bool {
        guard now >= replica.nextAcceptance else {
            callersDue = replica.nextAcceptance
            setCallersInterest([])
            return false
        }
        do throws(Errno) {
            guard let stream = try listener.socket.accept() else { return false }
            seatLink(stream, dialed: nil, connectDeadline: nil)
            return true
        } catch {
            nodeLog.write(.acceptFailed("raft", "\(error)"), at: now)
            _ = try? listener.socket.shed()
            return false
        }
    }

    /// Callers are taken in again.
    mutating func listenAgain() {
        callersDue = .never
        setCallersInterest(.readable)
        hasWaitingCallers = true
    }

    private func setCallersInterest(_ interest: PollInterest) {
        for (listener, token) in zip(raftListeners, callerTokens) {
            try? poller.modify(listener.socket.descriptor, token: token, interest: interest)
        }
    }
}
