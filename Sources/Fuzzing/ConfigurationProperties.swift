import Configuration
import Primitives

/// What the check of a config file promises for any bytes: faults or a configuration, lines that fit
/// a terminal, and a configuration that can be written down and read again.
enum ConfigurationProperties {
    static func check(_ bytes: [UInt8]) throws(BrokenProperty) -> Bool {
        try checkJSON(bytes)
        let check = ConfigurationCheck(bytes: bytes)
        try hold(
            (check.configuration == nil) == !check.faults.isEmpty,
            "a configuration or faults, not \(check)")
        try checkLines(check.faults + check.warnings)
        guard let configuration = check.configuration else { return false }
        let text = configuration.jsonText
        let again = ConfigurationCheck(bytes: Array(text.utf8))
        try hold(
            again.configuration == configuration, "\(text) says \(configuration), not \(again)")
        try hold(again.configuration?.jsonText == text, "\(text) is written as it was read")
        try hold(again.warnings.count == check.warnings.count, "\(text) has the same warnings")
        try checkLines(configuration.faultsForServingAll())
        for node in configuration.nodes {
            try checkLines(configuration.faults(forServing: node.id))
            _ = configuration.gossipProfile(for: node.id)
        }
        _ = configuration.seeds
        return true
    }

    /// A fault is one line, whatever it repeats of the file.
    private static func checkLines(_ faults: [ConfigurationFault]) throws(BrokenProperty) {
        for fault in faults {
            let isLine = fault.description.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
            }
            try hold(isLine, "\(Array(fault.description.utf8)) is one line")
        }
    }

    /// JSON that is read can be written on one line and is then read as the same.
    private static func checkJSON(_ bytes: [UInt8]) throws(BrokenProperty) {
        guard let value = JSONValue(bytes: bytes) else { return }
        let line = value.line
        try hold(JSONValue(bytes: Array(line.utf8)) == value, "\(line) spells \(value)")
    }
}
