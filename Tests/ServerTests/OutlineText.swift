/// A YAML file of nested mappings, as one list of paths with what stands at them: as much of YAML as
/// `docs/openapi.yaml` needs, whose keys stand alone on their lines, two spaces deeper a level.
struct OutlineText {
    /// The keys from the root down, and the text behind the last one.
    private(set) var entries: [(path: [String], text: String)] = []

    init(_ yaml: String) {
        var path: [String] = []
        for line in yaml.split(separator: "\n") {
            let content = line.drop { $0 == " " }
            let depth = (line.count - content.count) / 2
            // Elements of lists, and what a folded text goes on with, have no keys.
            guard !content.hasPrefix("- "), !content.hasPrefix("#"), depth <= path.count,
                let colon = content.firstIndex(of: ":"), !content[..<colon].contains(" ")
            else { continue }
            let rest = content[content.index(after: colon)...]
            guard rest.isEmpty || rest.first == " " else { continue }
            path.removeSubrange(depth...)
            path.append(content[..<colon].filter { $0 != "'" })
            entries.append((path, String(rest.drop { $0 == " " })))
        }
    }

    /// The keys right below a path, in their order.
    func keys(below path: String...) -> [String] {
        entries.filter { $0.path.count == path.count + 1 && $0.path.starts(with: path) }
            .compactMap(\.path.last)
    }

    /// The text at a path, or nil where there is none.
    func text(at path: String...) -> String? { entries.first { $0.path == path }?.text }
}
