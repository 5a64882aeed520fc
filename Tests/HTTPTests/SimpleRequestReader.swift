/// A second reader of requests, made to be obviously right: it sees the whole input at once, cuts it
/// at line ends and asks each rule of the grammar in turn. It knows no limits.
enum SimpleRequestReader {
    struct Answer: Equatable {
        var method: String
        var target: String
        var body: [UInt8]
        var consumed: Int
        var keepAlive: Bool
    }

    /// The first request, or nil where it is to be refused. `incomplete` where the input ends early,
    /// and then nothing is said about what came so far.
    enum Verdict: Equatable {
        case accepted(Answer), refused, incomplete
    }

    static func read(_ input: [UInt8]) -> Verdict {
        var text = latin(input)
        if text.hasPrefix("\r\n") { text.removeFirst(2) }
        guard let headEnd = text.firstRange(of: ["\r", "\n", "\r", "\n"]) else {
            return .incomplete
        }
        let head = Array(text[..<headEnd.lowerBound])
        let rest = Array(text[headEnd.upperBound...])
        let lines = split(head)
        for scalar in lines.joined() {
            if scalar != "\t" && (scalar.value < 0x20 || scalar.value == 0x7F) { return .refused }
        }
        guard let (method, target, minor) = requestLine(lines[0]) else { return .refused }
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let field = field(line) else { return .refused }
            fields.append(field)
        }
        guard fieldsAreSound(fields, minor) else { return .refused }
        func values(_ name: String) -> [String] {
            fields.filter { $0.name == name }.flatMap { list($0.value) }
        }
        let keepAlive = minor > 0 && !values("connection").contains { $0.lowercased() == "close" }
        let codings = values("transfer-encoding")
        let lengths = values("content-length")
        let start = input.count - rest.count
        var answer = Answer(
            method: method, target: target, body: [], consumed: start, keepAlive: keepAlive)
        if !codings.isEmpty {
            guard minor > 0, lengths.isEmpty, codings.map({ $0.lowercased() }) == ["chunked"] else {
                return .refused
            }
            switch chunks(rest) {
            case .whole(let body, let count):
                answer.body = body
                answer.consumed += count
                return .accepted(answer)
            case .wrong: return .refused
            case .short: return .incomplete
            }
        }
        guard lengths.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else {
            return .refused
        }
        let numbers = Set(lengths.map { Int($0) ?? .max })
        guard numbers.count <= 1, numbers.first ?? 0 <= 4096 else { return .refused }
        let length = numbers.first ?? 0
        guard rest.count >= length else { return .incomplete }
        answer.body = bytes(rest[..<length])
        answer.consumed += length
        return .accepted(answer)
    }

    private typealias Text = [Unicode.Scalar]

    private static func latin(_ input: [UInt8]) -> Text { input.map { Unicode.Scalar($0) } }

    private static func bytes(_ text: some Sequence<Unicode.Scalar>) -> [UInt8] {
        text.map { UInt8($0.value) }
    }

    private static func string(_ text: some Sequence<Unicode.Scalar>) -> String {
        var result = ""
        result.unicodeScalars.append(contentsOf: text)
        return result
    }

    private static func split(_ head: Text) -> [Text] {
        var lines: [Text] = [[]]
        var position = 0
        while position < head.count {
            if head[position] == "\r", position + 1 < head.count, head[position + 1] == "\n" {
                lines.append([])
                position += 2
            } else {
                lines[lines.count - 1].append(head[position])
                position += 1
            }
        }
        return lines
    }

    private static let tokenScalars = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            .unicodeScalars)
    private static let hostScalars = Set(
        "-._~!$&'()*+,;=%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            .unicodeScalars
    )

    private static func requestLine(_ line: Text) -> (String, String, Int)? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(tokenScalars.contains),
            !parts[1].isEmpty
        else { return nil }
        let (method, target, version) = (string(parts[0]), string(parts[1]), string(parts[2]))
        guard version.hasPrefix("HTTP/1."), version.utf8.count == 8,
            let minor = Int(version.suffix(1)), method != "CONNECT",
            parts[1].allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && $0 != "#" })
        else { return nil }
        let isSound: Bool
        if target.hasPrefix("/") {
            isSound = true
        } else if target == "*" {
            isSound = method == "OPTIONS"
        } else if target.lowercased().hasPrefix("http://") {
            isSound = isHost(string(parts[1].dropFirst(7).prefix { $0 != "/" && $0 != "?" }))
        } else {
            isSound = false
        }
        return isSound ? (method, target, min(minor, 1)) : nil
    }

    private static func field(_ line: Text) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: ":"), colon > 0,
            line[..<colon].allSatisfy(tokenScalars.contains)
        else { return nil }
        return (string(line[..<colon]).lowercased(), trimmed(string(line[(colon + 1)...])))
    }

    private static func trimmed(_ text: String) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
        let front = text.unicodeScalars.drop(while: isBlank)
        return string(front.reversed().drop(while: isBlank).reversed())
    }

    private static func list(_ value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    }

    private static func isHost(_ text: String) -> Bool {
        var rest = Text(text.unicodeScalars)
        if let close = rest.firstIndex(of: "]"), rest.first == "[" {
            let inside = rest[1..<close]
            let allowed = Set("0123456789abcdefABCDEF:.".unicodeScalars)
            guard !inside.isEmpty, inside.allSatisfy(allowed.contains) else { return false }
            rest.removeSubrange(...close)
        } else {
            let name = rest.prefix(while: hostScalars.contains)
            guard !name.isEmpty else { return false }
            rest.removeFirst(name.count)
        }
        if rest.isEmpty { return true }
        guard rest.removeFirst() == ":" else { return false }
        let isNumber = rest.allSatisfy { $0 >= "0" && $0 <= "9" }
        return isNumber && (rest.isEmpty || (Int(string(rest)) ?? .max) <= 65535)
    }

    private static func fieldsAreSound(_ fields: [(name: String, value: String)], _ minor: Int)
        -> Bool
    {
        func count(_ name: String) -> Int { fields.count { $0.name == name } }
        let hosts = fields.filter { $0.name == "host" }
        guard hosts.count <= 1, hosts.count == 1 || minor == 0 else { return false }
        guard hosts.allSatisfy({ isHost($0.value) }) else { return false }
        for name in ["content-type", "idempotency-key", "tally-first-index", "origin"] {
            guard count(name) <= 1 else { return false }
        }
        let expectations = fields.filter { $0.name == "expect" }.flatMap { list($0.value) }
        return expectations.allSatisfy { $0.isEmpty || $0.lowercased() == "100-continue" }
    }

    private enum Chunks {
        case whole([UInt8], Int), wrong, short
    }

    /// Chunks without extensions; it calls a size line with any of them short, which is no verdict.
    private static func chunks(_ rest: Text) -> Chunks {
        var body: [UInt8] = []
        var position = 0
        while true {
            guard let end = rest[position...].firstRange(of: ["\r", "\n"]) else { return .short }
            let line = string(rest[position..<end.lowerBound])
            guard !line.contains(";") else { return .short }
            guard !line.isEmpty, line.utf8.allSatisfy({ $0.hexadecimalValue != nil }) else {
                return .wrong
            }
            let size = Int(line, radix: 16) ?? .max
            guard size <= 4096 - body.count else { return .wrong }
            position = end.upperBound
            if size == 0 { break }
            guard rest.count - position >= size + 2 else { return .short }
            body += bytes(rest[position..<position + size])
            guard rest[position + size] == "\r", rest[position + size + 1] == "\n" else {
                return .wrong
            }
            position += size + 2
        }
        while true {
            guard let end = rest[position...].firstRange(of: ["\r", "\n"]) else { return .short }
            let line = Text(rest[position..<end.lowerBound])
            position = end.upperBound
            if line.isEmpty { return .whole(body, position) }
            for scalar in line where scalar != "\t" {
                if scalar.value < 0x20 || scalar.value == 0x7F { return .wrong }
            }
            guard field(line) != nil else { return .wrong }
        }
    }
}

extension Array where Element == Unicode.Scalar {
    fileprivate func hasPrefix(_ text: String) -> Bool { starts(with: text.unicodeScalars) }
}

extension Array where Element: Equatable {
    fileprivate func firstRange(of pattern: [Element]) -> Range<Int>? {
        self[...].firstRange(of: pattern)
    }
}

extension ArraySlice where Element: Equatable {
    fileprivate func firstRange(of pattern: [Element]) -> Range<Int>? {
        guard count >= pattern.count else { return nil }
        for start in startIndex...(endIndex - pattern.count)
        where self[start..<start + pattern.count].elementsEqual(pattern) {
            return start..<start + pattern.count
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: Int? { Character(Unicode.Scalar(self)).hexDigitValue }
}
