import Calculator
import Primitives
import Replica

/// What clients do.
extension World {
    func beginClients() {
        let count = 1 + clients.random.below(8)
        let asksInSecond = [36, 50, 100][clients.random.below(3)]
        clients.isFlooded = clients.random.chance(1, in: 16)
        clients.thinking = .microseconds(2 * count * 1_000_000 / asksInSecond)
        clients.all = Array(repeating: SimulatedClient(), count: count)
        for client in clients.all.indices { scheduleClient(client) }
    }

    private func scheduleClient(_ client: Int) {
        let pause = clients.random.timespan(in: .zero...clients.thinking)
        queue.add(.client(client), at: now + pause)
    }

    /// A client asks a node: mostly the one it holds for the leader.
    func act(_ client: Int) {
        guard healing == nil else { return }
        var target = clients.random.below(nodes.count)
        if let hint = clients.all[client].hint, clients.random.chance(7, in: 8) { target = hint }
        guard nodes[target].process != nil else {
            clients.unheard += 1
            clients.all[client].hint = nil
            return scheduleClient(client)
        }
        // Now and then many at once, as over a pipelined connection.
        let isBurst = clients.random.chance(1, in: clients.isFlooded ? 400 : 40)
        let count = isBurst ? 2 + clients.random.below(clients.isFlooded ? 6_000 : 30) : 1
        var number = 0
        for _ in 0..<count { number = ask(drawRequest(), of: nodes[target], by: client) }
        clients.all[client].waitsFor = number
        let timeout = clients.random.timespan(in: .milliseconds(300)...(.milliseconds(3_000)))
        queue.add(.giveUp(client: client, operation: number), at: now + timeout)
        wake(nodes[target])
    }

    private func drawRequest() -> ClientRequest {
        let number = history.nextNumber
        return switch clients.random.below(20) {
        case 0..<9: write(Operation.add(number, isNegative: clients.random.chance(1, in: 3)))
        case 9..<12: write(Operation.set(number, isExtreme: clients.random.chance(1, in: 8)))
        case 12..<18: .read
        default: .staleRead
        }
    }

    /// A client wants to write: that, or what was tried before and may be tried again.
    private func write(_ command: Calculator.Command) -> ClientRequest {
        keys.request(command, seen: history.acknowledgedThrough, lastChange: clients.lastChange)
    }

    /// Puts a request before a node; returns its number.
    @discardableResult
    func ask(_ request: ClientRequest, of node: SimulatedNode, by client: Int) -> Int {
        guard let process = node.process else { preconditionFailure("nobody to ask") }
        let number = history.ask(request, of: node.number, life: process.life, at: now)
        clients.askers.append(client)
        node.openRequests.append(number)
        process.requests.append((request, RequestID(UInt64(number))))
        story.add(.asked(node.number, operation: number, request), at: now)
        return number
    }

    /// A node answers.
    func answered(_ number: Int, _ answer: ClientAnswer, by node: SimulatedNode) {
        hash.mix(UInt64(number))
        hash.mix(answer)
        guard number != Int(World.unnumbered) else { return }
        story.add(.answered(node.number, operation: number, answer), at: now)
        if let position = node.openRequests.firstIndex(of: number) {
            node.openRequests.remove(at: position)
        }
        if let fault = history.answer(number, answer, committed: invariants.committed) {
            return fail(fault)
        }
        if answer.place != nil { keys.settle(history[number].write) }
        if let receipt = answer.receipt {
            clients.lastChange = max(clients.lastChange, receipt.lastChange)
        }
        let client = clients.askers[number - 1]
        guard client != World.script else { return scriptAnswers.append((number, answer)) }
        guard client != Healing.client else {
            healing?.answered(number, answer)
            return
        }
        if case .other(.redirect(let leader, _)) = answer {
            clients.all[client].hint = nodes.firstIndex { $0.id == leader }
        } else if case .other(.unavailable) = answer {
            clients.all[client].hint = nil
        }
        if clients.all[client].waitsFor == number { moveOn(client) }
    }

    func giveUp(_ client: Int, _ operation: Int) {
        guard clients.all[client].waitsFor == operation else { return }
        clients.all[client].hint = nil
        moveOn(client)
    }

    /// The process that was asked is gone.
    func loseRequests(of node: SimulatedNode) {
        history.lose(node.openRequests)
        for number in node.openRequests {
            let client = clients.askers[number - 1]
            if client == World.script {
                scriptAnswers.append((number, nil))
            } else if client == Healing.client {
                healing?.lost(number)
            } else if clients.all[client].waitsFor == number {
                clients.all[client].hint = nil
                moveOn(client)
            }
        }
        node.openRequests = []
    }

    private func moveOn(_ client: Int) {
        clients.all[client].waitsFor = nil
        scheduleClient(client)
    }
}
