import Primitives
import Raft
import Replica
import Wire

/// A hash of all that the nodes did, in order: the same for the same seed, in every process and
/// build. The standard library's own hashing differs from process to process, so this one mixes
/// by itself.
struct EffectHash {
    private(set) var value: UInt64 = 0x6A09_E667_F3BC_C908

    mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    mutating func mix(_ bytes: [UInt8]) {
        mix(UInt64(bytes.count))
        var word: UInt64 = 0
        for position in bytes.indices {
            word = word << 8 | UInt64(bytes[position])
            if position % 8 == 7 {
                mix(word)
                word = 0
            }
        }
        mix(word)
    }

    mutating func mix(_ node: NodeID) { mix(node.bytes) }

    mutating func mix(_ entry: EntryID) {
        mix(entry.index.number)
        mix(entry.term.number)
    }

    mutating func mix(_ message: PeerMessage) {
        switch message {
        case .hello(let hello):
            mix(1)
            mix(hello)
        case .welcome(let hello):
            mix(2)
            mix(hello)
        case .refusal(let refusal):
            mix(3)
            mix(UInt64(refusal.reason.rawValue))
            mix(refusal.detail)
        case .founding(let state):
            mix(4)
            mix(state)
        case .ping(let number):
            mix(5)
            mix(number)
        case .pong(let number):
            mix(6)
            mix(number)
        case .raft(let message):
            mix(7)
            mix(message)
        }
    }

    private mutating func mix(_ hello: Hello) {
        mix(hello.node)
        mix(hello.disk.number)
        mix(hello.nonce)
        mix(hello.start.number)
        mix(hello.founding)
    }

    mutating func mix(_ state: FoundingState) {
        switch state {
        case .newborn: mix(0)
        case .pledged: mix(1)
        case .founded: mix(2)
        }
        for member in state.record?.members ?? [] { mix(member.disk.number) }
    }

    private mutating func mix(_ message: Message) {
        mix(message.term.number)
        switch message {
        case .preVoteRequest(let request):
            mix(1)
            mix(request.last)
        case .preVoteReply(let reply):
            mix(2)
            mix(reply.askedIn.number << 1 | (reply.granted ? 1 : 0))
        case .voteRequest(let request):
            mix(3)
            mix(request.last)
        case .voteReply(let reply):
            mix(4)
            mix(reply.granted ? 1 : 0)
        case .appendEntries(let append):
            mix(5)
            mix(append.previous)
            mix(append.commit.number)
            mix(append.round)
            mix(append.voidTransfers)
            mix(append.entries.bytes)
        case .appendReply(let reply):
            mix(6)
            mix(reply.round)
            switch reply.outcome {
            case .matched(let index): mix(index.number)
            case .conflict(let rejected, let hint):
                mix(rejected.number)
                mix(hint)
            }
        case .readIndexRequest(let request):
            mix(7)
            mix(request.id.nonce)
            mix(request.id.counter)
        case .readIndexReply(let reply):
            mix(8)
            mix(reply.id.counter)
            mix(reply.index.number)
        case .timeoutNow(let order):
            mix(9)
            mix(order.transfer)
            mix(order.last)
        }
    }

    mutating func mix(_ answer: Replica.Answer) {
        switch answer {
        case .value(let receipt):
            mix(1)
            mix(receipt)
        case .overflow(let receipt):
            mix(2)
            mix(receipt)
        case .redirect(let leader, _):
            mix(3)
            mix(leader)
        case .unavailable(let reason):
            mix(4)
            switch reason {
            case .noLeader: mix(0)
            case .forming: mix(1)
            case .superseded: mix(2)
            case .overloaded: mix(3)
            case .stopping: mix(4)
            }
        case .unknownOutcome:
            mix(5)
        case .leads(let node, let term):
            mix(6)
            mix(node)
            mix(term.number)
        case .notAVoter: mix(7)
        case .transferFailed: mix(8)
        }
    }

    private mutating func mix(_ receipt: Replica.Receipt) {
        mix(UInt64(bitPattern: receipt.value))
        mix(receipt.entry)
        mix(receipt.lastChange.number)
    }
}
