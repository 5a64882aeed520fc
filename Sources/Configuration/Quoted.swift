import Primitives

/// A text from a file or a command line as a fault repeats it: in quotes, shortened, and on one
/// line whatever it holds, since a fault is one line and ends up on a terminal.
public func quoted(_ text: String) -> String {
    var shown = "\""
    for scalar in text.unicodeScalars.prefix(ConfigurationLimits.shownCharacters) {
        switch scalar {
        case "\"", "\\":
            shown += "\\"
            shown.unicodeScalars.append(scalar)
        case _ where isInvisible(scalar):
            shown += "\\u" + scalar.value.padded(to: 4, radix: 16)
        default:
            shown.unicodeScalars.append(scalar)
        }
    }
    let isWhole = text.unicodeScalars.count <= ConfigurationLimits.shownCharacters
    return shown + (isWhole ? "\"" : "…\"")
}

/// Whether a character could break the line, steer the terminal or turn the direction of writing.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
}
