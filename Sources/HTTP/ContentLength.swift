import Primitives

/// The value of Content-Length (RFC 9110 §8.6).
enum ContentLength {
    /// Reads one field's value into `length`, which holds what an earlier field said.
    ///
    /// RFC 9112 §6.3: a list is a length where all its elements are valid and the same, and so are
    /// two fields; anything else is an error that can't be mended. A number beyond Int is taken
    /// for the largest Int, which is over every limit.
    static func add(
        _ bytes: Span<UInt8>, in value: Range<Int>, to length: inout Int?
    ) throws(RequestFault) {
        var elements = ListElements(value)
        while let element = elements.next(in: bytes) {
            let number = try read(bytes, in: element)
            if let length, length != number { throw .differingContentLengths }
            length = number
        }
    }

    private static func read(
        _ bytes: Span<UInt8>, in range: Range<Int>
    ) throws(RequestFault) -> Int {
        guard !range.isEmpty else { throw .invalidContentLength }
        var number = 0
        for position in range {
            guard bytes[position].isDigit else { throw .invalidContentLength }
            let digit = Int(bytes[position] - 0x30)
            let (product, tooBig) = number.multipliedReportingOverflow(by: 10)
            let (sum, tooBigStill) = product.addingReportingOverflow(digit)
            number = tooBig || tooBigStill ? .max : sum
        }
        return number
    }
}
