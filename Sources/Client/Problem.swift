import Configuration
import HTTP

/// What a node says about a request that it did not do: the members of its problem document
/// (RFC 9457 §3) that a client acts on.
struct Problem {
    /// The machine's name for it, such as `no-leader`.
    let code: String?
    /// The sentence for people, without anything that could steer a terminal.
    let detail: String
    /// Whether the node vouches that nothing was changed.
    let isNotApplied: Bool
    /// Whether it is the answer to an earlier request with the same key.
    let isReplay: Bool

    /// What the response says; a response from elsewhere, such as a proxy, vouches for nothing.
    init(_ response: Response) {
        let type = response["content-type"]?.lowercased() ?? ""
        let document =
            type.hasPrefix("application/problem+json") ? JSONValue(bytes: response.body) : nil
        code = document?["code"]?.text
        isNotApplied = document?["outcome"]?.text == "not-applied"
        isReplay = document?["replayed"] == .bool(true)
        let words = document?["detail"]?.text ?? document?["title"]?.text ?? code
        detail = words.map(printable) ?? "it answers \(response.status)"
    }
}

/// The text on one line, bounded, and without characters that a terminal would obey.
func printable(_ text: String) -> String {
    let most = 200
    var shown = ""
    for scalar in text.unicodeScalars.prefix(most) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            shown += " "
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > most ? shown + "…" : shown
}
