/// An option of a command: `--name`, or `--name VALUE`.
struct OptionShape {
    let name: String
    /// What its value is called in the help; nil for an option without one.
    let value: String?
    /// What it does, for the help; nil for an option that is for the program's own use.
    let summary: String?
    /// Whether it may stand there more than once.
    let isRepeatable: Bool
    /// Whether the command needs it.
    let isRequired: Bool
    /// The variable of the environment that stands in for it where it is left out; nil for none.
    let variable: String?

    init(
        _ name: String, value: String? = nil, isRepeatable: Bool = false, isRequired: Bool = false,
        variable: String? = nil, _ summary: String?
    ) {
        self.name = name
        self.value = value
        self.isRepeatable = isRepeatable
        self.isRequired = isRequired
        self.variable = variable
        self.summary = summary
    }

    /// The option as one writes it.
    var usage: String {
        value.map { "--\(name) \($0)" } ?? "--\(name)"
    }
}

/// What a command takes. The parser and the help are both made from it, so they can't disagree.
struct CommandShape {
    let name: String
    /// What the command does, in the list of all.
    let summary: String
    /// What stands after the options, such as `N`; nil where nothing does.
    let operand: String?
    let options: [OptionShape]
    /// What the command does, in lines for its own help.
    let explanation: String
    /// Command lines to try.
    let examples: [String]

    /// The first line of the help.
    var usage: String {
        var words = ["tally", name]
        if let operand { words.append(operand) }
        for option in options where option.summary != nil {
            let repeated = option.usage + (option.isRepeatable ? "…" : "")
            words.append(option.isRequired ? repeated : "[\(repeated)]")
        }
        return words.joined(separator: " ")
    }
}
