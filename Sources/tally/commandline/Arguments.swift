import Primitives

import Configuration

/// A command's words sorted into options and operand by its shape; what the values mean is the
/// business of `Command`.
struct Arguments {
    let shape: CommandShape
    private(set) var operand: String?
    private var values: [String: [String]] = [:]
    /// What the environment says in the place of options, by the options' names.
    private let substitutes: [String: String]

    /// Sorts the words that follow the command's name. An option that has a variable of the environment
    /// may be left out where that holds anything.
    init(
        _ words: ArraySlice<String>, shape: CommandShape, environment: [String: String] = [:]
    ) throws(UsageFault) {
        self.shape = shape
        var substitutes: [String: String] = [:]
        for option in shape.options {
            guard let variable = option.variable, let text = environment[variable], !text.isEmpty
            else { continue }
            substitutes[option.name] = text
        }
        self.substitutes = substitutes
        var rest = words
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || !Arguments.isOption(word) {
                try takeOperand(word)
            } else if word == "--" {
                optionsEnded = true
            } else {
                try takeOption(word, rest: &rest)
            }
        }
        for option in shape.options
        where option.isRequired && valueOrVariable(option.name) == nil {
            let variable = option.variable.map { " or set \($0)" } ?? ""
            throw fault("--\(option.name) is missing; write \(option.usage)\(variable)")
        }
        if let wanted = shape.operand, operand == nil {
            throw fault("\(wanted) is missing; write tally \(shape.name) \(wanted)")
        }
    }

    /// Whether the option stands there.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The option's value, nil where it does not stand there.
    func value(_ name: String) -> String? { values[name]?.first }

    /// What the environment says in the option's place, whether or not it stands there.
    func variable(_ name: String) -> String? { substitutes[name] }

    /// The option's value, or what the environment says in its place.
    func valueOrVariable(_ name: String) -> String? { value(name) ?? variable(name) }

    /// All values of a repeatable option.
    func allValues(_ name: String) -> [String] { values[name] ?? [] }

    /// A fault of this command's line.
    func fault(_ message: String) -> UsageFault {
        UsageFault(command: shape.name, message: message)
    }

    /// Whether the word is an option. A minus alone, or one before a digit, starts an operand: values
    /// may be negative.
    private static func isOption(_ word: String) -> Bool {
        let bytes = Array(word.utf8.prefix(2))
        guard bytes.count == 2, bytes[0] == UInt8(ascii: "-") else { return false }
        return !bytes[1].isDigit
    }

    private mutating func takeOperand(_ word: String) throws(UsageFault) {
        guard let wanted = shape.operand else {
            throw fault("\(quoted(word)) is too much; this command takes options only")
        }
        guard operand == nil else {
            throw fault("\(quoted(word)) is too much; this command takes one \(wanted)")
        }
        operand = word
    }

    private mutating func takeOption(
        _ word: String, rest: inout ArraySlice<String>
    ) throws(UsageFault) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let written = String(parts[0])
        guard written.hasPrefix("--"),
            let option = shape.options.first(where: { "--\($0.name)" == written })
        else { throw unknownOption(written) }
        if values[option.name] != nil, !option.isRepeatable {
            throw fault("\(written) stands there twice; give it once")
        }
        guard let valueName = option.value else {
            if parts.count == 2 { throw fault("\(written) takes no value; write it alone") }
            values[option.name] = []
            return
        }
        var value = parts.count == 2 ? String(parts[1]) : nil
        if value == nil, let next = rest.first, !Arguments.isOption(next) {
            value = rest.popFirst()
        }
        guard let value, !value.isEmpty else {
            throw fault("\(written) needs a value; write \(written) \(valueName)")
        }
        values[option.name, default: []].append(value)
    }

    private func unknownOption(_ written: String) -> UsageFault {
        let known = shape.options.filter { $0.summary != nil }.map { "--\($0.name)" }
        let meant = Spelling.nearest(to: written, among: known + ["--help"])
        let hint = meant.map { "; did you mean \($0)?" } ?? ""
        return fault("there is no option \(quoted(written))\(hint)")
    }
}
