import Primitives
import Testing

struct TextTests {
    @Test(arguments: [
        (0, 4, 10, "0000"), (7, 2, 10, "07"), (123, 2, 10, "123"), (255, 4, 16, "00ff"),
    ])
    func `numbers are padded with zeros`(number: Int, width: Int, radix: Int, text: String) {
        #expect(number.padded(to: width, radix: radix) == text)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_200_007, "2024-03-01T00:00:00.007Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `moments are written by RFC 3339`(milliseconds: Int64, text: String) {
        #expect(Timestamp.text(millisecondsSince1970: milliseconds) == text)
    }

    @Test func `every day follows the one before`() {
        var last = CalendarDay(daysSince1970: 0)
        for number in 1..<200_000 {
            let day = CalendarDay(daysSince1970: number)
            let isNext = (day.year, day.month, day.day) == (last.year, last.month, last.day + 1)
            let isFirst =
                day.day == 1 && last.day >= 28
                && (day.year, day.month)
                    == (last.month == 12 ? (last.year + 1, 1) : (last.year, last.month + 1))
            if !isNext && !isFirst { Issue.record("\(last), then \(day)") }
            last = day
        }
        #expect(last == CalendarDay(daysSince1970: 199_999) && last.year == 2517)
    }

    @Test func `bytes know their classes`() {
        let digits = (UInt8.min...UInt8.max).filter(\.isDigit)
        #expect(digits == Array("0123456789".utf8))
        let hex = (UInt8.min...UInt8.max).filter(\.isHexDigit)
        #expect(hex == Array("0123456789ABCDEFabcdef".utf8))
        let values = hex.map(\.hexadecimalValue)
        #expect(values == (0...9).map { $0 } + (10...15).map { $0 } + (10...15).map { $0 })
        #expect(
            (UInt8.min...UInt8.max).filter { !$0.isHexDigit && $0.hexadecimalValue != nil } == [])
        #expect((UInt8.min...UInt8.max).filter(\.isLetter).count == 52)
        #expect((UInt8.min...UInt8.max).filter(\.isVisible) == Array(0x21...0x7E))
        #expect(Array("aZ[@`".utf8).map(\.lowercased) == Array("az[@`".utf8))
    }

    @Test func `integers are little-endian`() {
        var bytes: [UInt8] = [9]
        bytes.append(littleEndian: UInt32(0x0403_0201))
        bytes.append(littleEndian: UInt8(5))
        #expect(bytes == [9, 1, 2, 3, 4, 5])
        #expect(bytes.span.littleEndian(UInt32.self, at: 2) == 0x0504_0302)
        #expect(bytes.span.littleEndian(UInt8.self, at: 5) == 5)
        bytes.set(littleEndian: UInt16(0xBBAA), at: 3)
        #expect(bytes == [9, 1, 2, 0xAA, 0xBB, 5])
    }
}
