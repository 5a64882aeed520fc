import Configuration
import Testing

/// What is wrong with the file before its contents are looked at.
struct FileFaultTests {
    @Test(arguments: [
        ("", "$: the file is empty; cluster.example.json shows what belongs into it"),
        (" \n\t ", "$: the file is empty; cluster.example.json shows what belongs into it"),
        (
            "\u{FEFF}{}",
            "$: the file starts with a byte order mark; save it as UTF-8 without one"
        ),
        ("[]", "$: needs an object such as cluster.example.json, found a list"),
        ("7", "$: needs an object such as cluster.example.json, found 7"),
        (
            "{\n  \"cluster\": \"é\",\n  }",
            "$: line 3, column 3: a comma stands before the closing }; remove it"
        ),
        ("{ \"é\" 1 }", "$: line 1, column 7: expected a colon after the key, found \"1\""),
        ("{ \"a\": 1 } x", "$: line 1, column 12: the text goes on after its end"),
        ("{ \"a\": 1", "$: line 1, column 9: the text ends where a comma or } should come"),
        ("{ // why\n}", "$: line 1, column 3: expected a key in quotes; JSON has no comments"),
    ])
    func `a text that is no config file`(text: String, fault: String) {
        #expect(faults(text) == [fault])
    }

    @Test func `bytes that are not UTF-8 are found by line and column`() {
        let check = ConfigurationCheck(bytes: Array("{\n \"a\": \"".utf8) + [0xff, 0x22, 0x7d])
        #expect(
            check.faults.map(\.description) == [
                "$: line 2, column 8: not UTF-8; save the file as UTF-8"
            ])
    }

    @Test func `a file may have 1 MiB and no byte more`() {
        let text = good("\"seeds\": [\"127.0.0.1:7001\"]")
        let space = String(repeating: " ", count: ConfigurationLimits.fileBytes - text.utf8.count)
        #expect(faults(text + space).isEmpty)
        #expect(faults(text + space + " ") == ["$: the file is larger than 1048576 bytes"])
    }

    @Test func `thousands of odd keys and a megabyte of brackets are checked, not choked on`() {
        let keys = (0..<20_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(faults("{\(keys)}").count == 20_002)
        let nesting = String(repeating: "[", count: 1_000_000)
        #expect(
            faults(nesting) == [
                "$: line 1, column 34: objects and lists lie too deep in each other here"
            ])
    }
}
