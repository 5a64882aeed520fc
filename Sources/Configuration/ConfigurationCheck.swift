/// The check of a config file: what it says, or all that is wrong with it at once.
public struct ConfigurationCheck: Sendable {
    /// The cluster of the file; nil exactly where there are faults.
    public let configuration: ClusterConfiguration?

    /// All that is wrong, in the order of the file, then what is wrong between its parts.
    public let faults: [ConfigurationFault]

    /// What is questionable and yet allowed.
    public let warnings: [ConfigurationFault]

    /// Checks the bytes of a config file.
    public init(bytes: [UInt8]) {
        var reader = ConfigurationReader()
        var configuration: ClusterConfiguration?
        if let fault = ConfigurationCheck.faultOfText(bytes) {
            reader.report(fault, at: .root)
        } else {
            do throws(JSONSyntaxFault) {
                configuration = reader.cluster(try JSONParser.parse(bytes))
            } catch {
                let place = error.place(in: bytes)
                reader.report(
                    "line \(place.line), column \(place.column): \(error.message)", at: .root)
            }
        }
        self.configuration = reader.faults.isEmpty ? configuration : nil
        faults = reader.faults
        warnings = reader.warnings
    }

    /// What is wrong with the file as a text, before it is read as JSON.
    private static func faultOfText(_ bytes: [UInt8]) -> String? {
        if bytes.count > ConfigurationLimits.fileBytes {
            return "the file is larger than \(ConfigurationLimits.fileBytes) bytes"
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            return "the file starts with a byte order mark; save it as UTF-8 without one"
        }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let spot = JSONSyntaxFault(offset: error.byteOffsets.lowerBound, message: "")
            let place = spot.place(in: bytes)
            return "line \(place.line), column \(place.column): not UTF-8; save the file as UTF-8"
        }
        if bytes.allSatisfy({ $0 <= 0x20 }) {
            return "the file is empty; cluster.example.json shows what belongs into it"
        }
        return nil
    }
}
