/// Why a request was refused before anybody asked what it wants.
///
/// The framing of whatever follows is no longer certain, so the connection closes after the answer
/// (RFC 9112 §9.6, §11.2).
public enum RequestFault: Error, Sendable, Equatable, CaseIterable {
    case bareLineFeed, bareCarriageReturn, controlByte
    case malformedRequestLine, invalidTarget
    case foldedField, spaceBeforeColon, malformedField, repeatedField
    case missingHost, repeatedHost, invalidHost
    case invalidContentLength, differingContentLengths, lengthAndTransferCoding
    case invalidTransferCoding, transferCodingInHTTP10, malformedChunk
    case bodyTooLarge, targetTooLong, headersTooLarge
    case unsupportedTransferCoding, unsupportedVersion, unsupportedExpectation

    /// The status of the answer.
    public var status: Status {
        switch self {
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .targetTooLong
        case .headersTooLarge: .headersTooLarge
        case .unsupportedTransferCoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        case .unsupportedExpectation: .expectationFailed
        default: .badRequest
        }
    }

    /// The answer's `code`, one of the contract's.
    public var code: StaticString {
        switch self {
        case .bodyTooLarge: "body-too-large"
        case .targetTooLong: "target-too-long"
        case .headersTooLarge: "headers-too-large"
        case .unsupportedTransferCoding, .unsupportedVersion, .unsupportedExpectation:
            "not-supported"
        default: "bad-request"
        }
    }

    /// One sentence for the person who reads the answer.
    public var detail: StaticString {
        switch self {
        case .bareLineFeed: "A line ends with a line feed alone."
        case .bareCarriageReturn: "A carriage return stands alone."
        case .controlByte: "The request holds a control byte."
        case .malformedRequestLine: "The request line is not METHOD TARGET HTTP/1.1."
        case .invalidTarget: "The request target has none of the forms that this method allows."
        case .foldedField: "A header field begins with a blank."
        case .spaceBeforeColon: "A blank stands between a header field's name and its colon."
        case .malformedField: "A header field is not NAME: VALUE."
        case .repeatedField: "A header field that may come once came twice."
        case .missingHost: "The Host field is missing."
        case .repeatedHost: "The Host field came twice."
        case .invalidHost: "The Host field names no host."
        case .invalidContentLength: "Content-Length is not a number."
        case .differingContentLengths: "Content-Length has two different values."
        case .lengthAndTransferCoding: "Content-Length and Transfer-Encoding came together."
        case .invalidTransferCoding: "Transfer-Encoding does not end with one chunked."
        case .transferCodingInHTTP10: "HTTP/1.0 has no Transfer-Encoding."
        case .malformedChunk: "The chunked body is malformed."
        case .bodyTooLarge: "The body is too large."
        case .targetTooLong: "The request line is too long."
        case .headersTooLarge: "The header fields are too large or too many."
        case .unsupportedTransferCoding: "The only transfer coding is chunked."
        case .unsupportedVersion: "The only major version is HTTP/1."
        case .unsupportedExpectation: "The only expectation is 100-continue."
        }
    }
}
