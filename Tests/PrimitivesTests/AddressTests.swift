import Primitives
import Testing

struct AddressTests {
    @Test(arguments: [
        "127.0.0.1:8001", "[::1]:65535", "[fe80::1:2]:1", "[::ffff:10.0.0.1]:80", "localhost:80",
        "db-1.example.com:9001", "node_1:5", "example.com.:80", "[1:2:3:4:5:6:7:8]:9", "n1:10",
    ])
    func `good addresses keep their spelling`(text: String) throws {
        let address = try Address(text)
        #expect(address.description == text)
        #expect(try Address(address.description) == address)
    }

    @Test(arguments: [
        ("", AddressProblem.missingPort), ("host", .missingPort), ("[::1]", .missingPort),
        (":8001", .missingHost), ("host:", .badPort), ("host:0", .badPort), ("h:65536", .badPort),
        ("h:+80", .badPort), ("h:80 ", .badPort), ("h:080", .badPort), ("h:http", .badPort),
        ("::1:8001", .missingBrackets), ("http://h:80", .url), ("http://127.0.0.1:8003", .url),
        ("https://h/", .url),
        ("256.0.0.1:1", .badIPv4), ("1.2.3:1", .badIPv4), ("010.0.0.1:1", .badIPv4),
        ("0:1", .badIPv4), ("0x0:1", .badIPv4), ("1.2.3.4.5:1", .badIPv4), ("0.0x7f:1", .badIPv4),
        ("[]:1", .badIPv6), ("[1:2]:1", .badIPv6), ("[::1::]:1", .badIPv6), ("[:::]:1", .badIPv6),
        ("[fe80::1%eth0]:1", .badIPv6), ("[1:2:3:4:5:6:7:8:9]:1", .badIPv6), ("[::-1]:1", .badIPv6),
        ("[1:2:3:4:5:6:7::8]:1", .badIPv6), ("[::12345]:1", .badIPv6), ("[1.2.3.4]:1", .badIPv6),
        ("[::1:1", .badIPv6), ("[::1.2.3.4:5]:1", .badIPv6),
        ("a b:1", .badName), ("-a:1", .badName), ("a-:1", .badName), ("a..b:1", .badName),
        (".:1", .badName), ("a/b:1", .badName), ("a\r\n:1", .badName), ("é:1", .badName),
    ])
    func `bad addresses`(text: String, problem: AddressProblem) {
        #expect(throws: problem) { try Address(text) }
    }

    @Test(arguments: [
        ("[::1]:80", "[0:0:0:0:0:0:0:1]:80"), ("[ABCD::]:1", "[abcd::0]:1"), ("Db:1", "dB:1"),
        ("[::ffff:1.2.3.4]:1", "[::ffff:102:304]:1"),
    ])
    func `two spellings are one address`(left: String, right: String) throws {
        #expect(try Address(left) == Address(right))
        #expect(try Address(left).hashValue == Address(right).hashValue)
    }

    @Test func `addresses know what can reach them`() throws {
        for text in ["0.0.0.0:1", "[::]:1", "[0::0]:1", "[::ffff:0.0.0.0]:1"] {
            #expect(try Address(text).isUnspecified)
            #expect(try !Address(text).isLoopback)
        }
        for text in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "a.LocalHost.:1"] {
            #expect(try Address(text).isLoopback)
            #expect(try !Address(text).isUnspecified)
        }
        for text in ["128.0.0.1:1", "[::2]:1", "local:1"] {
            #expect(try !Address(text).isLoopback)
        }
    }

    @Test func `bytes are read as text is`() {
        #expect(Address(bytes: "[::1]:80".utf8)?.description == "[::1]:80")
        for text in ["", "h", "h:0", "[::1]", "http://h:1", "h:1\n"] {
            #expect(Address(bytes: text.utf8) == nil)
        }
        #expect(Address(bytes: [0xC3, 0x28] + Array(":1".utf8)) == nil)
        #expect(Address(bytes: Array("h:1".utf8) + [0]) == nil)
        #expect(Address.loopback(port: 5).bytes == Array("127.0.0.1:5".utf8))
    }

    @Test(arguments: [
        ("1.2.3.4:5", true), ("[::1]:5", true), ("n1:5", false), ("1a:5", false),
    ])
    func `only names must be looked up`(text: String, isNumeric: Bool) throws {
        #expect(try Address(text).isNumeric == isNumeric)
    }

    /// RFC 5952 §4 and §5.
    @Test(arguments: [
        ("2001:0DB8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:0:0:0:0:0:0", "::"),
        ("1:0:0:0:0:0:0:0", "1::"), ("::ffff:0102:0304", "::ffff:1.2.3.4"),
    ])
    func `a socket's address has one spelling`(text: String, spelling: String) throws {
        let host = try Address("[\(text)]:1").host
        let address = Address(host: host, port: 1)
        #expect(address.hostText == spelling)
        #expect(try Address(address.description) == address)
    }

    @Test func `addresses have one order, whatever their spelling`() throws {
        let texts = ["9.0.0.1:2", "10.0.0.1:1", "10.0.0.1:12", "[0::1]:1", "[::2]:1", "a:9", "b:1"]
        let sorted = try texts.map { try Address($0) }
        #expect(sorted.reversed().sorted() == sorted)
        #expect(try !(Address("[::1]:1") < sorted[3]) && !(sorted[3] < Address("[::1]:1")))
    }

    @Test(arguments: [
        ("EXAMPLE.com.", "example.com"), ("[::ffff:1.2.3.4]", "1.2.3.4"), ("[0::1]", "[::1]"),
    ])
    func `hosts that mean the same are equal`(left: String, right: String) throws {
        let left = try #require(Host(authorityHost: left.utf8))
        #expect(left == Host(authorityHost: right.utf8))
    }

    @Test(arguments: ["", "a b", "::1", "[::1", "[]", "1.2", "-a", "a/b", "a:1"])
    func `what names no host`(text: String) {
        #expect(Host(authorityHost: text.utf8) == nil)
    }
}
