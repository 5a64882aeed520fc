/// A command line that makes no sense: what is wrong with it, and which command it was for.
struct UsageFault: Error, Equatable {
    /// The command's name, nil where the fault lies before it.
    let command: String?

    /// What is wrong and what to do, in one line.
    let message: String

    /// The two lines that users see.
    var text: String {
        let name = command.map { "tally \($0)" } ?? "tally"
        return "\(name): \(message)\nTry '\(name) --help'.\n"
    }
}
