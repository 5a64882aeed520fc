import Primitives

/// Reads a config file's JSON, keeping every fault that it meets and going on after each.
///
/// Every function takes a value and its path, and returns what it stands for, or nil after having
/// reported why it stands for nothing.
struct ConfigurationReader {
    private(set) var faults: [ConfigurationFault] = []
    private(set) var warnings: [ConfigurationFault] = []

    mutating func report(_ message: String, at path: JSONPath) {
        faults.append(ConfigurationFault(path: path.text, message: message))
    }

    mutating func warn(_ message: String, at path: JSONPath) {
        warnings.append(ConfigurationFault(path: path.text, message: message))
    }

    /// The members of an object by their keys, of which only the known ones may stand there, each
    /// once. Of a doubled key the first counts for the checks that follow.
    mutating func object(
        _ value: JSONValue, at path: JSONPath, keys: [String], example: String
    ) -> [String: JSONValue]? {
        guard case .object(let members) = value else {
            report("needs an object such as \(example), found \(value.kind)", at: path)
            return nil
        }
        var found: [String: JSONValue] = [:]
        for member in members {
            if found.updateIfAbsent(member.value, forKey: member.key) {
                if !keys.contains(member.key) { reportUnknown(member.key, at: path, keys: keys) }
            } else {
                report("this key stands here twice; keep one", at: path[member.key])
            }
        }
        return found
    }

    private mutating func reportUnknown(_ key: String, at path: JSONPath, keys: [String]) {
        if let meant = Spelling.nearest(to: key, among: keys) {
            report("unknown key; did you mean \"\(meant)\"?", at: path[key])
        } else {
            report("unknown key; known here: \(keys.joined(separator: ", "))", at: path[key])
        }
    }

    mutating func array(
        _ value: JSONValue, at path: JSONPath, example: String
    ) -> [JSONValue]? {
        guard case .array(let elements) = value else {
            report("needs a list such as \(example), found \(value.kind)", at: path)
            return nil
        }
        return elements
    }

    mutating func bool(_ value: JSONValue, at path: JSONPath) -> Bool? {
        guard case .bool(let truth) = value else {
            report("needs true or false, found \(value.kind)", at: path)
            return nil
        }
        return truth
    }

    /// A whole number within those bounds, written without point and exponent.
    mutating func integer(
        _ value: JSONValue, at path: JSONPath, in bounds: ClosedRange<Int>
    ) -> Int? {
        let wanted = "needs a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        guard case .number(let digits) = value, let number = Int(digits), bounds.contains(number)
        else {
            report("\(wanted), found \(value.kind)", at: path)
            return nil
        }
        return number
    }

    mutating func string(_ value: JSONValue, at path: JSONPath, example: String) -> String? {
        guard case .string(let text) = value else {
            report("needs a text such as \"\(example)\", found \(value.kind)", at: path)
            return nil
        }
        return text
    }

    mutating func address(_ value: JSONValue, at path: JSONPath) -> Address? {
        guard let text = string(value, at: path, example: "127.0.0.1:8001") else { return nil }
        do throws(AddressProblem) {
            return try Address(text)
        } catch {
            report("\(quoted(text)) \(error.message)", at: path)
            return nil
        }
    }

    /// An address that others dial, which `0.0.0.0` and `[::]` can't be.
    mutating func dialledAddress(_ value: JSONValue, at path: JSONPath) -> Address? {
        guard let address = address(value, at: path) else { return nil }
        if address.isUnspecified {
            report("nobody can dial \(address); name an address of the machine", at: path)
        }
        return address
    }
}

extension Dictionary {
    /// Stores the value where the key is new; whether it was.
    fileprivate mutating func updateIfAbsent(_ value: Value, forKey key: Key) -> Bool {
        guard self[key] == nil else { return false }
        self[key] = value
        return true
    }
}
