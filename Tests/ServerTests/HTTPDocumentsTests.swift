import Configuration
import HTTP
import Posix
import Testing

@testable import Server

/// `docs/openapi.yaml` and `docs/http.md` say what the program does, and nothing else.
@Suite struct HTTPDocumentsTests {
    private static let documents: String = {
        let parts = "\(#filePath)".split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/docs"
    }()

    private func document(_ name: String) throws -> String {
        let path = "\(HTTPDocumentsTests.documents)/\(name)"
        return String(decoding: try FileSystem.contents(of: path, limit: 1 << 20), as: UTF8.self)
    }

    private func outline() throws -> OutlineText { OutlineText(try document("openapi.yaml")) }

    /// A status and a code, as `503 no-leader`.
    private var pairs: Set<String> {
        let faults = RequestFault.allCases.map { "\($0.status.rawValue) \($0.code)" }
        return Set(faults + Problem.allCases.map { "\($0.status.rawValue) \($0.code)" })
    }

    @Test func theOutlineReadsNestedKeys() {
        let outline = OutlineText(
            "a:\n  'b':\n    c: >-\n      more: text here\n  d: [x, y]\ne: f\n")
        #expect(outline.keys(below: "a") == ["b", "d"])
        #expect(outline.text(at: "a", "d") == "[x, y]")
        #expect(outline.text(at: "e") == "f")
        #expect(outline.keys(below: "a", "b") == ["c"])
    }

    @Test func everyPathAndMethodIsDescribed() throws {
        let outline = try outline()
        #expect(
            Set(outline.keys(below: "paths")) == Set(Resource.allCases.map { "\($0.path)" }))
        for resource in Resource.allCases {
            let methods = resource.methods + [.options]
            #expect(
                Set(outline.keys(below: "paths", "\(resource.path)"))
                    == Set(methods.map { "\($0.name)".lowercased() }), "\(resource.path)")
            #expect("\(resource.allow)" == methods.map { "\($0.name)" }.joined(separator: ", "))
        }
    }

    @Test func everyPathLeadsToItsResource() {
        for resource in Resource.allCases {
            let bytes = Array("GET \(resource.path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            var parser = RequestParser()
            guard case .request(let request, _) = parser.parse(bytes, from: 0, to: bytes.count)
            else {
                Issue.record("\(resource.path) is no target")
                continue
            }
            #expect(Resource.find(request, in: bytes) == resource)
            for method in resource.methods {
                #expect("\(Resource.allowOfAll)".contains("\(method.name)"))
            }
        }
    }

    /// Every status of an operation leads to a response, and all of them together have every pair of
    /// status and code that the program can send, each with that status.
    @Test func everyStatusAndCodeIsDescribed() throws {
        let outline = try outline()
        let responses = Set(outline.keys(below: "components", "responses"))
        // Those of other paths and other methods belong to no operation.
        var statuses = ["NotFound": "404", "MethodNotAllowed": "405"]
        for path in outline.keys(below: "paths") {
            for method in outline.keys(below: "paths", path) {
                for status in outline.keys(below: "paths", path, method, "responses") {
                    let reference = outline.text(
                        at: "paths", path, method, "responses", status, "$ref")
                    let name = String(
                        try #require(reference).split(separator: "/").last?.dropLast() ?? "")
                    #expect(responses.contains(name), "\(method) \(path) \(status)")
                    #expect(statuses[name] == nil || statuses[name] == status, "\(name)")
                    statuses[name] = status
                }
            }
        }
        #expect(Set(statuses.keys) == responses)
        var described: Set<String> = []
        for (name, status) in statuses {
            let codes = outline.text(at: "components", "responses", name, "x-codes") ?? "[]"
            for code in codes.dropFirst().dropLast().split(separator: ",") {
                described.insert("\(status) \(code.filter { $0 != " " })")
            }
        }
        #expect(described == pairs)
        let answers = statuses.values.compactMap { Int($0) }.compactMap(Status.init(rawValue:))
        // 100 is interim.
        #expect(
            Set(Status.allCases).subtracting(answers).isSubset(of: [.internalServerError]))
    }

    @Test func thePageNamesEveryPathStatusAndCode() throws {
        let page = try document("http.md")
        for resource in Resource.allCases {
            #expect(page.contains("\(resource.path)"))
            #expect(
                (1...3).contains { page.contains("127.0.0.1:800\($0)\(resource.path)") },
                "a curl line for \(resource.path)")
        }
        for pair in pairs {
            let parts = pair.split(separator: " ")
            let rows = page.split(separator: "\n").filter { $0.hasPrefix("| \(parts[0])") }
            #expect(rows.contains { $0.contains("`\(parts[1])`") }, "\(pair)")
        }
    }

    /// Each example is a whole file that `tally check` takes.
    @Test func theExamplesOfTheConfigFileAreGood() throws {
        let page = try document("configuration.md")
        let blocks = page.components(between: "```json\n", and: "```")
        #expect(blocks.count >= 3)
        for block in blocks {
            let check = ConfigurationCheck(bytes: Array(block.utf8))
            #expect(check.configuration != nil, "\(check.faults)")
        }
        for key in [
            "cluster", "nodes", "id", "http", "raft", "gossip", "advertise", "joins", "seeds",
            "timing", "heartbeatMilliseconds", "electionMilliseconds", "requestMilliseconds",
            "profile", "snapshot", "entries",
        ] {
            let spellings = ["`\(key)`", ".\(key)`", "`\(key)."]
            #expect(spellings.contains { page.contains($0) }, "\(key)")
        }
    }
}

extension String {
    /// What stands between each pair of the two marks.
    fileprivate func components(between start: String, and end: String) -> [String] {
        var found: [String] = []
        var rest = self[...]
        while let opening = rest.firstRange(of: start) {
            rest = rest[opening.upperBound...]
            guard let closing = rest.firstRange(of: end) else { break }
            found.append(String(rest[..<closing.lowerBound]))
            rest = rest[closing.upperBound...]
        }
        return found
    }
}
