/// How much of a message a parser takes in before it refuses.
///
/// All counts are bytes unless the name says otherwise. Reaching one is an answer with a status of
/// its own, never a growing buffer.
public struct Limits: Sendable, Equatable {
    /// The request line, or a response's status line, without its line end.
    public var startLineBytes = 4 * 1024

    /// All field lines together with their line ends; a chunked body's trailers count as well.
    public var headerBytes = 8 * 1024

    /// The number of field lines, trailers included.
    public var headerFields = 64

    /// The content, after chunks are put together.
    public var bodyBytes = 4 * 1024

    /// One line that opens a chunk, its extensions included, without its line end.
    public var chunkLineBytes = 256

    /// All that a chunked body adds to its content, trailers excepted. It suffices for a body of
    /// `bodyBytes` of its own size sent in chunks of one byte.
    public var chunkFramingBytes = 24 * 1024

    /// What a node takes from its clients.
    public static let request = Limits()

    /// What a client takes from a node: a status page is longer than any request.
    public static let response = Limits(
        headerBytes: 16 * 1024, bodyBytes: 1024 * 1024, chunkFramingBytes: 256 * 1024)

    /// What a client takes as a snapshot: 65,536 keys of the longest kind, their outcomes, and room to spare.
    public static let snapshot = Limits(
        headerBytes: 16 * 1024, bodyBytes: 64 * 1024 * 1024, chunkFramingBytes: 256 * 1024)

    /// The limits of the contract, but for those that are given.
    public init(
        headerBytes: Int = 8 * 1024, bodyBytes: Int = 4 * 1024, chunkFramingBytes: Int = 24 * 1024
    ) {
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
        self.chunkFramingBytes = chunkFramingBytes
    }

    /// The most bytes that an unfinished message can lie in a receive buffer: a parser that is given
    /// more always answers.
    public var messageBytes: Int {
        let lineEnd = 2
        return lineEnd + startLineBytes + lineEnd + headerBytes + lineEnd
            + bodyBytes + chunkFramingBytes + chunkLineBytes + lineEnd
    }
}
