import Primitives
import Testing

@testable import Raft

/// The language of the transcripts: commands that move a stage, and the story of what they lead to.
struct Script {
    /// A command that can't be carried out.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private var stage = Stage(1)
    private var known: [NodeID: String] = [:]
    private final class Story { var lines: [String] = [] }

    /// What a transcript looks like when its commands are carried out: its comments and commands as
    /// they are, each command followed by its story.
    static func played(_ transcript: String) throws -> String {
        var script = Script()
        var output: [String] = []
        var isAfterCommand = false
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("> ") {
                output.append(String(line))
                let words = line.dropFirst(2).split(separator: " ").map(String.init)
                output += try script.play(words).map { "    " + $0 }
                isAfterCommand = true
            } else if !(isAfterCommand && line.hasPrefix("    ")) {
                output.append(String(line))
            }
        }
        return output.joined(separator: "\n")
    }

    private mutating func play(_ words: [String]) throws -> [String] {
        guard let command = words.first else { throw Fault(description: "an empty command") }
        let story = Story()
        let isQuiet = words.last == "quietly"
        let words = isQuiet ? words.dropLast() : words
        stage.onPacket = { packet, isLost in story.lines.append(packet.told(isLost: isLost)) }
        let readsBefore = stage.players.map(\.readsReady.count)
        switch command {
        case "cluster":
            guard words.count == 2, let count = Int(words[1]), (1...5).contains(count) else {
                throw Fault(description: "cluster takes a number from 1 to 5")
            }
            stage = Stage(count)
            known = [:]
            let states = states(onlyNews: true)
            return isQuiet ? [] : states
        case "state":
            return states(onlyNews: false)
        default:
            try move(command, Array(words.dropFirst()))
        }
        for (player, before) in zip(stage.players, readsBefore) {
            for ready in player.readsReady.dropFirst(before) {
                story.lines.append(
                    "\(player.id) may answer read \(ready.id.counter) "
                        + "once it has applied \(ready.index.number)")
            }
        }
        return (isQuiet ? [] : story.lines) + states(onlyNews: true)
    }

    private func move(_ command: String, _ words: [String]) throws {
        switch (command, words.count) {
        case ("deliver", _): stage.deliver(try selection(words))
        case ("drop", _): stage.drop(try selection(words))
        case ("submit", 2...):
            let id = try server(words[0])
            var payloads = Payloads()
            for word in words.dropFirst() { payloads.append { $0 += Array(word.utf8) } }
            stage.turn(id, .submitted(payloads))
        case ("read", 2): stage.read(try server(words[0]), try number(words[1]))
        case ("save", 2):
            let (id, index) = (try server(words[0]), try number(words[1]))
            guard stage[id].raft.commit >= LogIndex(index) else {
                throw Fault(description: "\(index) is not committed at \(id)")
            }
            stage.save(id, at: index)
        case ("run", 1): stage.run(for: .milliseconds(Int(try number(words[0]))))
        case ("wait", 1): stage.now = stage.now + .milliseconds(Int(try number(words[0])))
        case ("give", 3):
            // What the leader has at an index and before, acknowledged, with all other messages lost.
            let (leader, follower) = (try server(words[0]), try server(words[1]))
            let limit = LogIndex(try number(words[2]))
            guard limit <= stage[leader].raft.log.lastIndex else {
                throw Fault(description: "\(leader) has no entry \(limit.number)")
            }
            give(limit, from: leader, to: follower)
        case (_, 1): try moveOne(command, try server(words[0]))
        case (_, 2): try movePair(command, try server(words[0]), try server(words[1]))
        default: throw Fault(description: "no command \(command) of \(words.count) words")
        }
    }

    private func give(_ limit: LogIndex, from leader: NodeID, to follower: NodeID) {
        stage.take()
        let entries = stage[leader].entries(LogIndex(1)..<limit.next)
        let text = entries.map(\.description).joined(separator: " ")
        let term = stage[leader].raft.term.number
        stage.inFlight = [
            Packet(from: leader, to: follower, message: .append(term, text))
        ]
        stage.deliverOnce()
        stage.deliverOnce { $0.from == follower && $0.to == leader }
        stage.take()
    }

    private func moveOne(_ command: String, _ id: NodeID) throws {
        switch command {
        case "expire": stage.expire(id)
        case "elect": stage.elect(id)
        case "campaign":
            stage.wait(forLeaseOfAllBut: id)
            stage.makeCandidate(id)
            stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        case "withhold": stage.withhold(id)
        case "persist": stage.persist(id)
        case "release": stage.release(id)
        case "crash": stage.crash(id)
        case "restart": stage.restart(id)
        case "isolate": stage.isolate(id)
        case "rejoin": stage.rejoin(id)
        default: throw Fault(description: "no command \(command)")
        }
    }

    private func movePair(_ command: String, _ left: NodeID, _ right: NodeID) throws {
        switch command {
        case "connect": stage.connect(left, right)
        case "cut": stage.cut(left, right)
        case "mute": stage.mute(left, right)
        case "unmute": stage.unmute(left, right)
        default: throw Fault(description: "no command \(command)")
        }
    }

    /// Which messages: of a kind, between two servers, both, or all.
    private func selection(_ words: [String]) throws -> (Packet) -> Bool {
        var kinds: Set<MessageKind>?
        var pair: Set<NodeID> = []
        for word in words {
            switch word {
            case "pre-vote": kinds = [.preVoteRequest, .preVoteReply]
            case "vote": kinds = [.voteRequest, .voteReply]
            case "append": kinds = [.appendEntries]
            case "append-reply": kinds = [.appendReply]
            case "snapshot": kinds = [.installSnapshot, .snapshotReply]
            case "read-index": kinds = [.readIndexRequest, .readIndexReply]
            default: pair.insert(try server(word))
            }
        }
        return { [kinds, pair] packet in
            (kinds == nil || kinds!.contains(packet.message.kind))
                && (pair.isEmpty || pair == [packet.from, packet.to])
        }
    }

    private func server(_ word: String) throws -> NodeID {
        guard let id = NodeID(word), stage.players.contains(where: { $0.id == id }) else {
            throw Fault(description: "no server \(word)")
        }
        return id
    }

    private func number(_ word: String) throws -> UInt64 {
        guard let number = UInt64(word) else { throw Fault(description: "no number: \(word)") }
        return number
    }

    private mutating func states(onlyNews: Bool) -> [String] {
        var lines: [String] = []
        for player in stage.players {
            let state = player.told
            if !onlyNews || known[player.id] != state { lines.append("\(player.id) is \(state)") }
            known[player.id] = state
        }
        return lines
    }
}
