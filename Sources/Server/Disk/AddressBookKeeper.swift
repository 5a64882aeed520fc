import Node
import Posix
import Primitives
import Synchronization

/// Keeps the address book's file up to date: only when something has changed, seldom, and beside the
/// loop, since a sync may take long.
struct AddressBookKeeper {
    private let path: String
    private let cluster: [UInt8]
    private let node: NodeID
    /// What the file holds, or is about to.
    private(set) var written: AddressBook
    /// What it should hold.
    private var wanted: AddressBook
    /// When to write next; `never` while the file holds what it should.
    private(set) var due = Instant.never
    private var earliest = Instant.origin
    private let task = BackgroundTask()
    private let failure = Failure()

    /// What went wrong beside the loop.
    private final class Failure: Sendable {
        let text = Mutex<String?>(nil)
    }

    /// Reads the book of the directory. `notice` gets a line for people where there is one that can't
    /// be read.
    init(directory: String, cluster: [UInt8], node: NodeID, notice: (String) -> Void) {
        path = "\(directory)/\(AddressBook.fileName)"
        self.cluster = cluster
        self.node = node
        var found = AddressBook()
        do throws(FileError) {
            let bytes = try FileSystem.contents(of: path, limit: NodeLimits.addressBook)
            if let book = AddressBook(bytes, cluster: cluster, node: node) {
                found = book
            } else {
                notice("\(path) is damaged or of another version; the gossip fills it anew")
            }
        } catch {
            if error.errno != .noSuchFile {
                notice("\(error); the addresses in it are learned anew by gossip")
            }
        }
        written = found
        wanted = found
    }

    /// Notes what the file should hold.
    mutating func keep(_ book: AddressBook, at now: Instant) {
        wanted = book
        if wanted == written {
            due = .never
        } else if due == .never {
            due = max(now + ServerLimits.bookDelay, earliest)
        }
    }

    /// Writes the file, if it is time. Returns a line for people where the last time failed.
    mutating func write(at now: Instant) -> String? {
        guard now >= due else { return nil }
        if task.isRunning {
            due = now + ServerLimits.bookDelay
            return nil
        }
        let complaint = failure.text.withLock { text in
            defer { text = nil }
            return text
        }
        let (path, failure) = (path, failure)
        let bytes = wanted.encoded(cluster: cluster, node: node)
        due = .never
        earliest = now + ServerLimits.bookInterval
        let begun: Void? = try? task.start {
            do throws(FileError) {
                try FileSystem.replaceAtomically(path, with: bytes)
            } catch {
                failure.text.withLock { $0 = "\(error)" }
            }
        }
        if begun == nil { due = earliest } else { written = wanted }
        return complaint.map { "the addresses of the others can't be kept: \($0)" }
    }

    /// Writes what is not written yet, now: nothing waits for the loop any more.
    mutating func finish() {
        guard wanted != written, !task.isRunning else { return }
        // What is lost by a failure is learned again by gossip.
        try? FileSystem.replaceAtomically(path, with: wanted.encoded(cluster: cluster, node: node))
        written = wanted
    }
}
