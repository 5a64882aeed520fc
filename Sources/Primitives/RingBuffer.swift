/// A first-in, first-out queue in one array that grows by doubling and never shrinks.
///
/// Appending and removing the first element take constant time; positions count from the front.
///
/// All of it is inlinable, so that a queue in another module is compiled for its elements.
@frozen
public struct RingBuffer<Element> {
    @usableFromInline var storage: [Element?]
    @usableFromInline var head = 0
    @usableFromInline var length = 0

    /// How many elements wait in the queue.
    @inlinable
    public var count: Int { length }

    /// An empty queue that holds `capacity` elements before it grows; at least 1.
    @inlinable
    public init(capacity: Int = 16) {
        precondition(capacity > 0, "a ring buffer of capacity \(capacity)")
        storage = Array(repeating: nil, count: capacity)
    }

    /// Whether nothing waits.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The element that has waited longest, or nil.
    @inlinable
    public var first: Element? { count == 0 ? nil : storage[head] }

    /// The element that came last, or nil.
    @inlinable
    public var last: Element? { count == 0 ? nil : self[count - 1] }

    /// The element at `position`, 0 being the front.
    @inlinable
    public subscript(position: Int) -> Element {
        get {
            precondition(position >= 0 && position < count, "position \(position) of \(count)")
            return storage[slot(position)]!
        }
        set {
            precondition(position >= 0 && position < count, "position \(position) of \(count)")
            storage[slot(position)] = newValue
        }
    }

    /// Puts an element at the end.
    @inlinable
    public mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[slot(count)] = element
        length += 1
    }

    /// Takes the element from the front, or returns nil where there is none.
    @inlinable
    @discardableResult
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = slot(1)
        length -= 1
        return element
    }

    /// Takes the element from the end, or returns nil where there is none.
    @inlinable
    @discardableResult
    public mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        let last = slot(count - 1)
        let element = storage[last]
        storage[last] = nil
        length -= 1
        return element
    }

    /// Empties the queue; its storage stays.
    @inlinable
    public mutating func removeAll() {
        while count > 0 { popFirst() }
    }

    @inlinable
    func slot(_ position: Int) -> Int {
        let slot = head + position
        return slot < storage.count ? slot : slot - storage.count
    }

    @inlinable
    mutating func grow() {
        var larger = [Element?](repeating: nil, count: storage.count * 2)
        for position in 0..<count { larger[position] = storage[slot(position)] }
        storage = larger
        head = 0
    }
}

extension RingBuffer: Sendable where Element: Sendable {}
