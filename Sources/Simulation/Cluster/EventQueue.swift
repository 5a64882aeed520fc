import Primitives

/// What is going to happen, soonest first; what happens at the same time happens in the order in
/// which it was added.
///
/// A binary heap of times and numbers; the events themselves stay where they are, in slots that are
/// used again.
struct EventQueue<Event> {
    private struct Ticket {
        var time: Instant
        var number: UInt64
        var slot: Int

        func isBefore(_ other: Ticket) -> Bool {
            time == other.time ? number < other.number : time < other.time
        }
    }

    private var heap: [Ticket] = []
    private var slots: [Event?] = []
    private var free: [Int] = []
    private var lastNumber: UInt64 = 0

    /// How many events are to come.
    var count: Int { heap.count }

    /// When the next event happens, or nil where none is to come.
    var nextTime: Instant? { heap.first?.time }

    /// Adds an event.
    mutating func add(_ event: Event, at time: Instant) {
        lastNumber += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = event
        } else {
            slot = slots.count
            slots.append(event)
        }
        heap.append(Ticket(time: time, number: lastNumber, slot: slot))
        rise(from: heap.count - 1)
    }

    /// Takes the next event out, or returns nil where none is to come.
    mutating func popFirst() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        guard let event = slots[first.slot].take() else {
            preconditionFailure("an event was taken twice")
        }
        free.append(first.slot)
        return (first.time, event)
    }

    private mutating func rise(from start: Int) {
        var position = start
        let ticket = heap[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard ticket.isBefore(heap[parent]) else { break }
            heap[position] = heap[parent]
            position = parent
        }
        heap[position] = ticket
    }

    private mutating func sink() {
        var position = 0
        let ticket = heap[0]
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(ticket) else { break }
            heap[position] = heap[child]
            position = child
        }
        heap[position] = ticket
    }
}
