import Node
import Posix
import Primitives
import Testing

@testable import Server

/// A name that obeys the rules.
func id(_ name: String) -> NodeID {
    guard let id = NodeID(name) else { preconditionFailure("\(name) is no name") }
    return id
}

@Suite struct AddressBookKeeperTests {
    private let directory: String
    private let cluster = Array("c".utf8)

    init() throws {
        directory = "/tmp/tally-book-\(String(Entropy.uint64(), radix: 36))"
        try FileSystem.createDirectory(directory)
    }

    private func keeper(_ notice: (String) -> Void = { _ in }) -> AddressBookKeeper {
        AddressBookKeeper(directory: directory, cluster: cluster, node: id("n1"), notice: notice)
    }

    private func remove() throws {
        for name in try FileSystem.names(in: directory) {
            try FileSystem.remove("\(directory)/\(name)")
        }
        try FileSystem.removeDirectory(directory)
    }

    @Test func changesAreWrittenTogetherAndSeldom() throws {
        var lines: [String] = []
        var keeper = keeper { lines.append($0) }
        #expect(keeper.written == AddressBook() && keeper.due == .never && lines.isEmpty)
        var now = MonotonicClock.now()
        keeper.keep(AddressBook(incarnation: 1), at: now)
        let first = keeper.due
        #expect(first == now + ServerLimits.bookDelay)
        var complaint = keeper.write(at: now)
        #expect(complaint == nil && keeper.due == first)
        // What is taken back need not be written.
        keeper.keep(AddressBook(), at: now)
        #expect(keeper.due == .never)
        keeper.keep(AddressBook(incarnation: 2), at: now)
        now = keeper.due
        complaint = keeper.write(at: now)
        #expect(complaint == nil && keeper.due == .never)
        keeper.keep(AddressBook(incarnation: 3), at: now)
        #expect(keeper.due == now + ServerLimits.bookInterval)
        while self.keeper().written != AddressBook(incarnation: 2) {}
        keeper.finish()
        while self.keeper().written != AddressBook(incarnation: 3) { keeper.finish() }
        try remove()
    }

    @Test func damageIsANotice() throws {
        try FileSystem.replaceAtomically("\(directory)/addresses", with: [1, 2, 3])
        var lines: [String] = []
        #expect(keeper { lines.append($0) }.written == AddressBook())
        #expect(lines.count == 1 && lines.allSatisfy { $0.contains("addresses is damaged") })
        try remove()
    }

    @Test func aDiskThatFailsIsALine() throws {
        var keeper = keeper()
        try remove()
        var now = MonotonicClock.now()
        var complaint: String?
        for incarnation in UInt64(1)... {
            keeper.keep(AddressBook(incarnation: incarnation), at: now)
            now = keeper.due
            complaint = keeper.write(at: now)
            if complaint != nil { break }
        }
        #expect(complaint?.contains("can't be kept") == true)
    }
}
