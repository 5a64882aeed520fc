import Configuration
import HTTP
import Primitives
import Raft
import Replica

/// A value with its place in the log, as JSON.
enum ValuePage {
    /// Appends `{"value":12,"index":7,"term":2,"replayed":false}`.
    static func renderJSON(_ receipt: Receipt, into page: inout [UInt8]) {
        page.append(contentsOf: "{\"value\":".utf8)
        DecimalDigits.append(receipt.value, to: &page)
        page.append(contentsOf: ",\"index\":".utf8)
        DecimalDigits.append(receipt.entry.index.number, to: &page)
        page.append(contentsOf: ",\"term\":".utf8)
        DecimalDigits.append(receipt.entry.term.number, to: &page)
        page.append(
            contentsOf: (receipt.isReplay ? ",\"replayed\":true}\n" : ",\"replayed\":false}\n").utf8
        )
    }
}

/// The page about a node, as JSON on one line.
enum StatusPage {
    /// Puts the page in place of what `page` held.
    static func render(
        _ core: borrowing CounterNode, uptime: Timespan, into page: inout [UInt8]
    ) {
        let (identity, status) = (core.node.identity, core.node.status(at: core.now))
        let receipt = core.receipt
        let text = """
            {"node":\(quoted(identity.node)),"cluster":\(quoted(identity.cluster)),\
            "role":"\(status.role)","term":\(status.term.number),\
            "leader":\(status.leader.map { quoted($0) } ?? "null"),\
            "leaderHTTP":\(status.leaderHTTP.map { quoted($0) } ?? "null"),\
            "commit":\(status.commit.number),"applied":\(receipt.entry.index.number),\
            "lastIndex":\(status.lastIndex.number),"firstIndex":\(status.firstIndex.number),\
            "value":\(receipt.value),"voters":\(list(status.voters)),"learners":[],\
            "waitingFor":\(list(status.waitingFor)),"peers":[\(peers(status))],\
            "uptimeMilliseconds":\(uptime.wholeMilliseconds),"version":"\(TallyVersion.text)",\
            "gossip":"\(core.isGossipDegraded ? "degraded" : "ok")",\
            "disk":"\(core.node.isDiskFull ? "full" : "ok")"}

            """
        page = Array(text.utf8)
    }

    private static func peers(_ status: Replica.Status) -> String {
        status.peers.map { peer in
            """
            {"node":\(quoted(peer.node)),"match":\(peer.match.number),\
            "connected":\(peer.connected),"lastContactMilliseconds":\
            \(peer.lastContact.wholeMilliseconds)}
            """
        }.joined(separator: ",")
    }

    private static func list(_ nodes: [NodeID]) -> String {
        "[" + nodes.map { quoted($0) }.joined(separator: ",") + "]"
    }

    private static func quoted(_ node: NodeID) -> String { quoted(node.bytes) }

    private static func quoted(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        JSONText.appendQuoted(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
