import Testing

@testable import HTTP

private func slice(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

@Suite struct FormDecoderTests {
    private func value(_ form: String) -> String? {
        guard case .one(let value) = FormDecoder.lookup("value", in: slice(form)) else {
            return nil
        }
        return text(value)
    }

    @Test func valuesAreFoundAndDecoded() {
        #expect(value("value=5") == "5")
        #expect(value("a=1&value=-7&b") == "-7")
        #expect(value("&&value=&") == "")
        #expect(value("value") == "")
        #expect(value("value=a=b") == "a=b")
        #expect(value("value=%2b5+%4A") == "+5 J")
        #expect(value("v%61lue=5") == "5")
        #expect(value("Value=1&value=5&values=2&valu=3") == "5")
    }

    @Test func otherAnswers() {
        #expect(FormDecoder.lookup("value", in: slice("")) == .absent)
        #expect(FormDecoder.lookup("value", in: slice("values=1&=5&valu%zz=3")) == .absent)
        #expect(FormDecoder.lookup("value", in: slice("value=1&value=1")) == .several)
        #expect(FormDecoder.lookup("value", in: slice("value=1&v%61lue")) == .several)
        for bad in ["%", "1%", "%1", "%g1", "%1g", "%%11"] {
            #expect(FormDecoder.lookup("value", in: slice("value=\(bad)")) == .malformed)
            #expect(
                FormDecoder.lookup("value", in: slice("other=\(bad)&value=1")) == .one(slice("1")))
        }
        // An escape does not reach over the end of its own value.
        #expect(FormDecoder.lookup("value", in: slice("value=%4&1=1")) == .malformed)
    }

    @Test func aPlainValueIsASliceOfTheForm() {
        let form = Array("xx?a=1&value=5&b=2 HTTP".utf8)
        guard case .one(let value) = FormDecoder.lookup("value", in: form[3..<18]) else {
            Issue.record("not found")
            return
        }
        #expect(value.startIndex == 13 && value.endIndex == 14)
    }
}

@Suite struct MediaTypeTests {
    @Test func caseAndParametersDoNotCount() {
        for same in ["text/plain", "TEXT/Plain", " text/plain ; charset=\"a;b\"", "text/plain;"] {
            #expect(MediaType.matches(slice(same), "text/plain"))
        }
        for other in ["", ";", "text/plainer", "text", "text/plain, text/plain", "text /plain"] {
            #expect(!MediaType.matches(slice(other), "text/plain"))
        }
    }

    @Test func acceptPrefersJSONOnlyWhereItIsNamed() {
        for json in [
            "application/json", "text/plain, application/json", "APPLICATION/JSON;q=0.5",
            "text/plain;q=0.4, application/json;q=0.5", "application/*", "*/*, application/json",
            "application/json, */*;q=0.1", "application/json;v=\"a,b\";q=1.000, text/*;q=0.999",
            "text/plain;q=0, application/json;q=0.001", "application/json;q=0, application/json",
        ] {
            #expect(Accept(slice(json)).prefersJSON, "\(json)")
        }
        for plain in [
            "", "*/*", "text/plain", "text/html, */*", "application/json;q=0",
            "application/json;q=0.5, text/plain", "application/json;q=0.5, */*",
            "application/jsonx", "application/json;q=2", "application/json;q=1.001",
            "application/json;q=x", "application/json;q=", "application/json;q=0.1234",
            "application/*, application/json;q=0", "\"application/json\"", ",,,",
            "x;a=\"application/json, application/json",
        ] {
            #expect(!Accept(slice(plain)).prefersJSON, "\(plain)")
        }
    }
}

@Suite struct JSONTextTests {
    private func quoted(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        JSONText.appendQuoted(bytes, to: &output)
        return text(output)
    }

    @Test func everyStringIsEscaped() {
        #expect(quoted(Array("n1 é 日 😀".utf8)) == "\"n1 é 日 😀\"")
        #expect(
            quoted(Array("\"\\\n\r\t\u{0}\u{1F}\u{7F}/".utf8))
                == #""\"\\\n\r\t\u0000\u001f\u007f/""#)
    }

    @Test func whatIsNoUTF8IsReplaced() {
        #expect(quoted([0xFF]) == "\"\u{FFFD}\"")
        #expect(quoted([0xC0, 0x80]) == "\"\u{FFFD}\u{FFFD}\"")
        #expect(quoted([0xE2, 0x82]) == "\"\u{FFFD}\"")
        #expect(quoted([0xED, 0xA0, 0x80]) == "\"\u{FFFD}\u{FFFD}\u{FFFD}\"")
        #expect(quoted([0xF4, 0x90, 0x80, 0x80, 0x41]) == "\"\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A\"")
        #expect(quoted([0xF0, 0x9F, 0x98, 0x22]) == "\"\u{FFFD}\\\"\"")
    }

    /// Each pair and many triples of bytes come out as the standard library repairs them.
    @Test func repairsAsTheStandardLibraryDoes() {
        let interesting: [UInt8] = [
            0x41, 0x7E, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xEC,
            0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in interesting {
            for second in interesting {
                for third in interesting {
                    let bytes = [first, second, third]
                    #expect(quoted(bytes) == "\"" + text(bytes) + "\"")
                }
            }
        }
    }

    @Test func problemsAreJSON() {
        var output: [UInt8] = []
        ProblemDetails(.badRequest, code: "bad-value", detail: "\"x\" is no integer.").append(
            to: &output)
        #expect(
            text(output) == #"{"title":"Bad Request","status":400,"detail":"\"x\" is no integer.","#
                + #""code":"bad-value","outcome":"not-applied"}"#)
        output = []
        ProblemDetails(.gatewayTimeout, code: "unknown-outcome", detail: "", outcome: .unknown)
            .append(to: &output)
        #expect(text(output).hasSuffix(#","code":"unknown-outcome","outcome":"unknown"}"#))
        output = []
        ProblemDetails(RequestFault.unsupportedExpectation).append(to: &output)
        #expect(text(output).hasPrefix(#"{"title":"Expectation Failed","status":417,"#))
        output = []
        var again = ProblemDetails(.unprocessableContent, code: "overflow", detail: "")
        again.isReplay = true
        again.append(to: &output)
        #expect(
            text(output).hasSuffix(
                #","code":"overflow","outcome":"not-applied","replayed":true}"#))
    }
}

@Suite struct DigitsAndDatesTests {
    @Test func integersAreSpeltAsTheStandardLibraryDoes() {
        var numbers: [Int64] = [0, 1, -1, 9, 10, -10, 99, 100, .max, .min]
        var power: Int64 = 1
        for _ in 0..<18 {
            power *= 10
            numbers += [power, power - 1, -power, 1 - power]
        }
        for number in numbers {
            var output: [UInt8] = []
            DecimalDigits.append(number, to: &output)
            #expect(text(output) == String(number))
            #expect(DecimalDigits.count(number) == output.count)
        }
        var output: [UInt8] = []
        DecimalDigits.append(UInt64.max, to: &output)
        #expect(text(output) == "18446744073709551615")
    }

    private func date(_ seconds: Int64) -> String {
        var output: [UInt8] = []
        HTTPDate.append(secondsSince1970: seconds, to: &output)
        return text(output)
    }

    @Test func datesHaveTheFixedForm() {
        // RFC 9110 §5.6.7's own example.
        #expect(date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(date(951_782_399) == "Mon, 28 Feb 2000 23:59:59 GMT")
        #expect(date(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(date(1_709_251_200) == "Fri, 01 Mar 2024 00:00:00 GMT")
        #expect(date(4_107_542_399) == "Sun, 28 Feb 2100 23:59:59 GMT")
        #expect(date(4_107_542_400) == "Mon, 01 Mar 2100 00:00:00 GMT")
        #expect(date(253_402_300_799) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test func aBrokenClockIsNoTrap() {
        #expect(date(.min) == date(0))
        #expect(date(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    /// The ends of every month of four centuries lie where a calendar that only counts has them.
    @Test func monthsHaveTheirLengths() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let names = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        var number = 0
        for year in 1970..<2402 {
            let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
            for month in 0..<12 {
                let last = lengths[month] + (month == 1 && isLeap ? 1 : 0)
                for day in [1, last] {
                    let text = date(Int64(number + day - 1) * 86_400)
                    let two = (day < 10 ? "0" : "") + String(day)
                    let weekday = weekdays[(number + day - 1) % 7]
                    #expect(text == "\(weekday), \(two) \(names[month]) \(year) 00:00:00 GMT")
                }
                number += last
            }
        }
    }
}
