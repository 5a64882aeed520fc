import Configuration
import Gossip
import HTTP
import Node
import Primitives

/// The page about all nodes, as JSON on one line: what the gossip says of each, and beside it, never
/// mixed with it, its part in the quorum.
struct MembersPage {
    /// What the gossip knows, sorted by id.
    var members: [Member]
    /// Who votes, by Raft's word.
    var voters: [NodeID]
    /// Where nodes are of whom the gossip knows nothing.
    var peers: PeerAddresses
    var now: Instant

    /// Puts the page in place of what `page` held.
    func render(into page: inout [UInt8]) {
        var unknown = voters.filter { voter in !members.contains { $0.id == voter } }.sorted()[...]
        page.removeAll(keepingCapacity: true)
        page.append(contentsOf: "{\"members\":[".utf8)
        for member in members {
            while let node = unknown.first, node < member.id {
                append(unknown: node, to: &page)
                unknown.removeFirst()
            }
            append(member, to: &page)
        }
        for node in unknown { append(unknown: node, to: &page) }
        if page.last == UInt8(ascii: ",") { page.removeLast() }
        page.append(contentsOf: "]}\n".utf8)
    }

    private func append(_ member: Member, to page: inout [UInt8]) {
        let metadata = member.metadata
        append(
            member.id,
            [metadata.http.bytes, metadata.raft.bytes, metadata.gossip.bytes], to: &page)
        let since = now.since(member.since).wholeMilliseconds
        let text = """
            "state":"\(member.state)","incarnation":\(member.incarnation),\
            "sinceMilliseconds":\(since)
            """
        page.append(contentsOf: text.utf8)
        appendRole(member.id, to: &page)
    }

    private func append(unknown node: NodeID, to page: inout [UInt8]) {
        let addresses = peers.addresses(of: node)
        append(
            node, [addresses.http?.bytes, addresses.raft?.bytes, addresses.gossip?.bytes],
            to: &page)
        let text = "\"state\":null,\"incarnation\":null,\"sinceMilliseconds\":null"
        page.append(contentsOf: text.utf8)
        appendRole(node, to: &page)
    }

    private func append(_ node: NodeID, _ addresses: [[UInt8]?], to page: inout [UInt8]) {
        page.append(contentsOf: "{\"node\":".utf8)
        JSONText.appendQuoted(node.bytes, to: &page)
        for (key, address) in zip(["http", "raft", "gossip"], addresses) {
            page.append(contentsOf: ",\"\(key)\":".utf8)
            if let address {
                JSONText.appendQuoted(address, to: &page)
            } else {
                page.append(contentsOf: "null".utf8)
            }
        }
        page.append(UInt8(ascii: ","))
    }

    private func appendRole(_ node: NodeID, to page: inout [UInt8]) {
        let role = voters.contains(node) ? "voter" : "none"
        page.append(contentsOf: ",\"role\":\"\(role)\"},".utf8)
    }
}
