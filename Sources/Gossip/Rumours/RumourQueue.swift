import Primitives

/// What travels on pings and acks, each rumour so many times and no more: the least sent first, and
/// of those the newest (SWIM §4.1). One rumour for a member: a newer one takes its place.
struct RumourQueue: Sendable {
    private struct Item {
        var id: NodeID
        var bytes: [UInt8]
        /// How often it has been sent.
        var sent: Int
        /// Counts the rumours; a newer one has a higher number.
        var number: UInt64

        func goes(before other: Item) -> Bool {
            sent == other.sent ? number > other.number : sent < other.sent
        }
    }

    /// In the order in which they are sent.
    private var items: [Item] = []
    private var lastNumber: UInt64 = 0

    /// How many rumours wait.
    var count: Int { items.count }

    /// Adds a rumour, in the place of any other about the same member.
    mutating func add(_ rumour: Rumour) {
        remove(rumour.id)
        lastNumber += 1
        insert(Item(id: rumour.id, bytes: rumour.bytes, sent: 0, number: lastNumber))
    }

    /// Tells nothing more about a member.
    mutating func remove(_ id: NodeID) {
        if let position = items.firstIndex(where: { $0.id == id }) { items.remove(at: position) }
    }

    /// Tells nothing more at all.
    mutating func removeAll() {
        items.removeAll()
    }

    /// Appends to the message what has room in it up to `size` bytes, but nothing about
    /// `exception`; a rumour that has then been sent `limit` times is dropped.
    mutating func fill(
        _ writer: inout MessageWriter, limit: Int, upTo size: Int, except exception: NodeID? = nil
    ) {
        var told: [Item] = []
        var position = 0
        var room = size - writer.count
        while position < items.count, room >= Rumour.fewestBytes {
            let item = items[position]
            if item.bytes.count <= room, item.id != exception {
                writer.write(rumour: item.bytes)
                room -= item.bytes.count
                told.append(item)
                items.remove(at: position)
            } else {
                position += 1
            }
        }
        for var item in told {
            item.sent += 1
            if item.sent < limit { insert(item) }
        }
    }

    private mutating func insert(_ item: Item) {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].goes(before: item) { low = middle + 1 } else { high = middle }
        }
        items.insert(item, at: low)
    }
}
