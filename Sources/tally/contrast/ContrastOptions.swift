import Configuration
import Simulation

/// What `tally contrast` runs.
struct ContrastOptions: Equatable {
    /// The scripts, in the order in which they are shown.
    var scripts: [Contrast.Script]
    /// The seed; nil draws one.
    var seed: UInt64?
    /// Where the picture goes; nil for none.
    var svg: String?
    var isJSON = false
}

extension ContrastOptions {
    init(_ arguments: Arguments) throws(UsageFault) {
        scripts = Contrast.Script.allCases
        if let name = arguments.value("script") {
            guard let script = Contrast.Script(rawValue: name) else {
                let names = Contrast.Script.allCases.map(\.rawValue)
                let hint = Spelling.nearest(to: name, among: names).map { "; did you mean \($0)?" }
                throw arguments.fault(
                    "there is no script \(quoted(name))"
                        + (hint ?? "; take one of \(names.joined(separator: ", "))"))
            }
            scripts = [script]
        }
        seed = try arguments.seed("seed")
        svg = arguments.value("svg")
        isJSON = arguments.has("json")
    }
}
