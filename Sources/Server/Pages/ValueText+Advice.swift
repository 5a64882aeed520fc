import Configuration
import HTTP

/// What to tell people whose value was not found, or was not read.
extension ValueText {
    /// What to send instead, where no value was given.
    static func advice(
        on request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> String {
        if !body.isEmpty, let type = request.contentType,
            MediaType.matches(buffer[type], "application/x-www-form-urlencoded")
        {
            // This is what curl -d says of itself, whatever it sends.
            let form = "Content-Type says that the body is a form, and it has no key value"
            if trimmed(body).first == UInt8(ascii: "{") {
                return "\(form). To send JSON, send the header Content-Type: application/json."
            }
            if case .value = number(body) {
                return "\(form). To send a number alone, send the header Content-Type: text/plain."
            }
        }
        return "Give value=N in the query or as a form, {\"value\":N} as JSON, or N as text/plain."
    }

    /// What a body holds that is not plainly `{"value":N}`: most often what is wrong with it.
    static func closerLook(atJSON body: ArraySlice<UInt8>) -> ValueFinding {
        guard case .object(let members) = JSONValue(bytes: Array(body)) else {
            return .bad(notAnObject)
        }
        let values = members.filter { $0.key == "value" }
        guard values.count <= 1 else {
            return .bad("The key \"value\" stands in the JSON more than once.")
        }
        if let stranger = members.first(where: { $0.key != "value" }) {
            return .bad(
                "The JSON has the unknown key \"\(shortened(stranger.key))\"; it takes \"value\" alone."
            )
        }
        guard case .number(let digits) = values.first?.value else { return .bad(notANumber) }
        return number(Array(digits.utf8)[...])
    }

    private static func shortened(_ key: String) -> String {
        key.count > 32 ? key.prefix(32) + "…" : key
    }
}
