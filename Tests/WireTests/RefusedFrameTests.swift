import Primitives
import Raft
import Testing

@testable import Wire

@Suite struct RefusedHeaderTests {
    @Test(arguments: [UInt32(Limits.body) + 1, 1 << 24, 1 << 31, .max])
    func aHugeLengthIsRefusedAtOnce(length: UInt32) {
        var writer = ByteWriter()
        writer.write(length)
        #expect(throws: WireFault.badLength) { try decode(writer.bytes) }
    }

    @Test func aLengthBeyondItsKindIsRefusedByTheHeader() throws {
        for kind in FrameKind.allCases {
            let isLarge = kind == .appendEntries || kind == .installSnapshot
            let limit = isLarge ? Limits.body : Limits.smallBody
            var writer = ByteWriter()
            writer.write(UInt32(limit))
            writer.write([kind.versions.lowerBound, kind.rawValue, 0, 0])
            #expect(try decode(writer.bytes) == nil)
            writer.overwrite(UInt32(limit + 1), at: 0)
            #expect(throws: WireFault.badLength) { try decode(writer.bytes) }
        }
    }

    @Test func anotherVersionIsNamed() {
        for version: UInt8 in [0, 1, 4, 255] {
            let bytes = frame(kind: 200, body: words(1), version: version, reserved: 9)
            #expect(throws: version < 2 ? WireFault.badVersion : .newerVersion) {
                try decode(bytes)
            }
        }
    }

    /// A kind belongs to the versions that spell it.
    @Test func aKindIsReadInItsVersionsAlone() throws {
        for kind in FrameKind.allCases {
            for version in Frame.versions {
                var writer = ByteWriter()
                writer.write(UInt32(Limits.smallBody))
                writer.write([version, kind.rawValue, 0, 0])
                let bytes = writer.bytes
                if kind.versions.contains(version) {
                    #expect(try decode(bytes) == nil)
                } else {
                    #expect(throws: WireFault.badKind) { try decode(bytes) }
                }
            }
        }
    }

    @Test func unknownKindsAndReservedBitsAreRefused() {
        for kind in UInt8.min...UInt8.max where FrameKind(rawValue: kind) == nil {
            #expect(throws: WireFault.badKind) { try decode(frame(kind: kind, body: words(1))) }
        }
        for bit in 0..<16 {
            let bytes = frame(kind: 5, body: words(1), reserved: 1 << UInt16(bit))
            #expect(throws: WireFault.badKind) { try decode(bytes) }
        }
    }

    @Test func aWrongChecksumIsRefused() {
        var bytes = frame(kind: 5, body: words(1))
        bytes[8] ^= 1
        #expect(throws: WireFault.badChecksum) { try decode(bytes) }
    }

    /// Whoever has not said who it is may send its greeting and nothing else; a header is enough to see.
    @Test func beforeTheHandshakeOnlyAGreetingIsRead() throws {
        let readers: [(Speaker, [FrameKind])] = [
            (.caller, [.hello]), (.called, [.welcome, .refusal]), (.introduced, FrameKind.allCases),
        ]
        for (speaker, allowed) in readers {
            for kind in FrameKind.allCases {
                var writer = ByteWriter()
                writer.write(UInt32(Limits.smallBody))
                writer.write([kind.versions.upperBound, kind.rawValue, 0, 0])
                let read = { () throws(WireFault) in
                    try FrameDecoder.decode(writer.bytes, from: 0, to: 8, speaker: speaker)
                }
                if allowed.contains(kind) {
                    #expect(try read() == nil)
                } else {
                    #expect(throws: WireFault.notIntroduced) { try read() }
                }
            }
            var writer = ByteWriter()
            writer.write(UInt32(Limits.smallBody + 1))
            let bytes = writer.bytes
            let length = { () throws(WireFault) in
                try FrameDecoder.decode(bytes, from: 0, to: 4, speaker: speaker)
            }
            if speaker == .introduced {
                #expect(try length() == nil)
            } else {
                #expect(throws: WireFault.badLength) { try length() }
            }
        }
    }

    @Test func everyFaultHasItsOwnWords() {
        #expect(Set(WireFault.allCases.map(\.description)).count == WireFault.allCases.count)
    }
}

@Suite struct RefusedBodyTests {
    private static let limit = UInt64(1) << 62

    private func expectRefused(
        _ kind: FrameKind, _ body: [UInt8], version: UInt8? = nil, by fault: WireFault = .badBody,
        at location: SourceLocation = #_sourceLocation
    ) {
        let version = version ?? kind.versions.lowerBound
        #expect(throws: fault, sourceLocation: location) {
            try decode(frame(kind: kind.rawValue, body: body, version: version))
        }
    }

    private func expectAccepted(
        _ kind: FrameKind, _ body: [UInt8], version: UInt8? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let version = version ?? kind.versions.lowerBound
        let decoded = try decode(frame(kind: kind.rawValue, body: body, version: version))
        #expect(decoded != nil, sourceLocation: location)
    }

    @Test func aBodyIsUsedUpExactly() {
        let isOpen = ["appendEntries", "installSnapshot"]
        for sample in Golden.all where !isOpen.contains(where: sample.name.hasPrefix) {
            let bytes = Golden.bytes(sample.hex)
            let body = Array(bytes[Frame.headerLength...])
            for length in 0..<body.count {
                // An origin is there or not, and so is the end of the log.
                if sample.name == "hello, restored", length == body.count - 9 { continue }
                if sample.name == "hello, log end", length == body.count - 25 { continue }
                #expect(throws: WireFault.badBody) {
                    try decode(
                        frame(kind: bytes[5], body: Array(body[..<length]), version: bytes[4]))
                }
            }
            // Behind a greeting of version 3 there is room for later versions.
            if bytes[4] == 3, bytes[5] <= 2 { continue }
            #expect(throws: WireFault.badBody) {
                try decode(frame(kind: bytes[5], body: body + [0], version: bytes[4]))
            }
        }
    }

    @Test func termsAndIndicesAreBounded() throws {
        let limit = RefusedBodyTests.limit
        try expectAccepted(.preVoteRequest, words(limit - 1, limit - 1, limit - 1))
        expectRefused(.preVoteRequest, words(limit, 1, 1))
        expectRefused(.preVoteRequest, words(5, limit, 1))
        expectRefused(.preVoteReply, words(5, limit) + [1])
        expectRefused(.voteReply, words(limit) + [1])
        expectRefused(.appendEntries, words(5, 1, 1, limit, 0, 0))
        expectRefused(.appendEntries, words(5, 1, 1, 0, limit, 0))
        expectRefused(.appendEntries, words(5, 1, 1, 0, 0, limit))
        expectRefused(.appendReply, words(5, limit) + [0] + words(1))
        expectRefused(.appendReply, words(5, 0) + [0] + words(limit))
        expectRefused(.appendReply, words(5, 0) + [1] + words(limit, 1, 1))
        expectRefused(.readIndexRequest, words(limit, 1, 1))
        expectRefused(.readIndexReply, words(5, 1, 1, limit))
        try expectAccepted(.readIndexReply, words(5, .max, .max, limit - 1))
        let most = limit - 1
        try expectAccepted(.installSnapshot, words(most, most, most, most, most, most))
        try expectAccepted(.snapshotReply, words(most, most, most, most, most))
        for place in 0..<6 {
            var numbers = [5, 1, 9, 5, 100, 50] as [UInt64]
            numbers[place] = limit
            expectRefused(.installSnapshot, numbers.flatMap { words($0) })
            if place < 4 { expectRefused(.snapshotReply, numbers.prefix(5).flatMap { words($0) }) }
        }
        expectRefused(.snapshotReply, words(5, 1, 9, 5, limit))
        try expectAccepted(.stateHash, words(most, .max))
        try expectAccepted(.stateHash, words(1, 0))
        expectRefused(.stateHash, words(limit, 7))
        expectRefused(.stateHash, words(0, 7))
    }

    @Test func aSnapshotEndsWithAnEntryAndAPieceLiesInIt() throws {
        try expectAccepted(.installSnapshot, words(5, 1, 9, 5, 3, 1) + [7, 7])
        expectRefused(.installSnapshot, words(5, 1, 9, 5, 3, 1) + [7, 7, 7])
        expectRefused(.installSnapshot, words(5, 1, 9, 5, 3, 4))
        for kind in [FrameKind.installSnapshot, .snapshotReply] {
            expectRefused(kind, words(5, 1, 9, 6, 3, 1))
            expectRefused(kind, words(5, 1, 0, 0, 3, 1))
            expectRefused(kind, words(5, 1, 0, 5, 3, 1))
        }
        expectRefused(.installSnapshot, words(0, 1, 9, 0, 3, 1))
    }

    @Test func levelsAreARangeFromOneOn() throws {
        func levels(_ oldest: UInt8, _ newest: UInt8) -> [UInt8] { [oldest, 0, newest, 0] }
        for kind in [FrameKind.hello, .welcome] {
            try expectAccepted(kind, helloBody() + levels(1, 2), version: 3)
            try expectAccepted(kind, helloBody() + levels(7, 7), version: 3)
            // An origin, behind its tag, is whole and not zero. What later versions add is passed over.
            let origin = [1, 2, 3, 4, 5, 6, 7, 8, 9] as [UInt8]
            try expectAccepted(kind, helloBody() + levels(1, 2) + origin, version: 3)
            try expectAccepted(kind, helloBody() + levels(1, 2) + origin + [9], version: 3)
            try expectAccepted(kind, helloBody() + levels(1, 2) + [9, 9], version: 3)
            expectRefused(kind, helloBody() + levels(1, 2) + origin.dropLast(), version: 3)
            expectRefused(kind, helloBody() + levels(1, 2) + [1], version: 3)
            let none = [1] + [UInt8](repeating: 0, count: 8)
            expectRefused(kind, helloBody() + levels(1, 2) + none, version: 3)
            expectRefused(kind, helloBody() + levels(2, 1), version: 3)
            expectRefused(kind, helloBody() + levels(0, 1), version: 3)
            expectRefused(kind, helloBody() + [1, 0, 2], version: 3)
            expectRefused(kind, helloBody(), version: 3)
            expectRefused(kind, helloBody() + levels(1, 2), version: 2)
        }
    }

    @Test func aLogsEndIsWholeAndOfNoLaterTerm() throws {
        // The levels, and what stands before the end of the log.
        let levels: [UInt8] = [1, 0, 2, 0, 2]
        for kind in [FrameKind.hello, .welcome] {
            let body = helloBody() + levels
            try expectAccepted(kind, body + words(5, 9, 5), version: 3)
            try expectAccepted(kind, body + words(5, 0, 0), version: 3)
            try expectAccepted(kind, body + words(5, 9, 5) + [7], version: 3)
            expectRefused(kind, body + words(5, 9, 6), version: 3)
            expectRefused(kind, body + words(5, 9, 0), version: 3)
            expectRefused(kind, body + words(5, 0, 1), version: 3)
            expectRefused(kind, body + words(5, 9), version: 3)
            expectRefused(kind, body + words(5, 9, 5).dropLast(), version: 3)
        }
    }

    @Test func entriesOfANewerProgramAreToldFromDamage() {
        let head = words(5, 9, 3, 0, 0, 0)
        for kind: UInt8 in [4, 255] {
            let newer = entry(term: 3, kind: kind)
            expectRefused(.appendEntries, head + newer, by: .newerEntries)
            expectRefused(
                .appendEntries, head + entry(term: 3, kind: 2) + newer + entry(term: 4),
                by: .newerEntries)
            expectRefused(.appendEntries, head + newer + [0])
            expectRefused(.appendEntries, head + entry(term: 3, kind: kind, length: 1))
        }
    }

    @Test func anEntryIsNotYoungerThanTheMessage() throws {
        for kind in [FrameKind.preVoteRequest, .voteRequest] {
            try expectAccepted(kind, words(5, 9, 5))
            expectRefused(kind, words(5, 9, 6))
        }
        expectRefused(.appendEntries, words(5, 9, 6, 0, 0, 0))
        expectRefused(.appendReply, words(5, 0) + [1] + words(9, 8, 6))
    }

    @Test func zeroStandsBeforeTheFirstEntryAndNowhereElse() throws {
        try expectAccepted(.voteRequest, words(5, 0, 0))
        expectRefused(.voteRequest, words(5, 0, 1))
        expectRefused(.voteRequest, words(5, 1, 0))
    }

    @Test func nobodyCampaignsOrLeadsInTermZero() throws {
        try expectAccepted(.preVoteRequest, words(0, 0, 0))
        expectRefused(.voteRequest, words(0, 0, 0))
        expectRefused(.appendEntries, words(0, 0, 0, 0, 0, 0))
        expectRefused(.timeoutNow, words(0, 1, 0, 0))
    }

    @Test func aTransferNamesTheEndOfTheLeadersOwnLog() throws {
        try expectAccepted(.timeoutNow, words(5, 1, 9, 5))
        expectRefused(.timeoutNow, words(5, 1, 9, 4))
        expectRefused(.timeoutNow, words(5, 1, 0, 0))
        expectRefused(.timeoutNow, words(5, RefusedBodyTests.limit, 9, 5))
    }

    @Test func flagsAreZeroOrOne() {
        for byte: UInt8 in [2, 128, 255] {
            expectRefused(.voteReply, words(5) + [byte])
            expectRefused(.preVoteReply, words(5, 5) + [byte])
            expectRefused(.appendReply, words(5, 5) + [byte] + words(1))
        }
    }

    /// What a follower of a newer term says to an old leader's first message.
    @Test func anOldLeaderIsRejectedWhereverItsMessageStarts() throws {
        try expectAccepted(.appendReply, words(5, 0) + [1] + words(0, 10, 4))
        try expectAccepted(.appendReply, words(5, 0) + [1] + words(9, 0, 0))
    }

    private func entry(term: UInt64, kind: UInt8 = 1, length: UInt32 = 0) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(term)
        writer.write(kind)
        writer.write(length)
        return writer.bytes
    }

    @Test func entriesFollowWhatStandsBeforeThem() throws {
        let limit = RefusedBodyTests.limit
        let head = words(5, 9, 3, 0, 0, 0)
        try expectAccepted(.appendEntries, head + entry(term: 3) + entry(term: 5))
        expectRefused(.appendEntries, head + entry(term: 2))
        expectRefused(.appendEntries, head + entry(term: 3) + entry(term: 6))
        expectRefused(.appendEntries, head + entry(term: 4) + entry(term: 3))
        expectRefused(.appendEntries, head + entry(term: 3, length: 1))
        expectRefused(.appendEntries, head + entry(term: 3, length: .max))
        expectRefused(.appendEntries, head + entry(term: 3).dropLast())
        expectRefused(.appendEntries, words(5, 0, 0, 0, 0, 0) + entry(term: 0))
        try expectAccepted(.appendEntries, words(5, limit - 2, 3, 0, 0, 0) + entry(term: 3))
        expectRefused(.appendEntries, words(5, limit - 1, 3, 0, 0, 0) + entry(term: 3))
    }

    @Test(
        arguments: [
            [], Array("a b".utf8), Array("a\r\nX: y".utf8), [0], [0x7F], [0xC3, 0xA4],
        ] as [[UInt8]])
    func addressesAreVisibleASCII(address: [UInt8]) {
        expectRefused(.hello, helloBody(http: address))
        expectRefused(.welcome, helloBody(raft: address))
    }

    @Test func votersAreSortedNamesOneToNine() throws {
        try expectAccepted(.hello, helloBody())
        let many = (0..<10).map { "n\($0)" }
        try expectAccepted(.hello, helloBody(voters: Array(many.dropLast())))
        for voters in [[], many, ["n2", "n1"], ["n1", "n1"], ["n 1"], [""]] {
            expectRefused(.hello, helloBody(voters: voters))
        }
        for name in ["", "a b", String(repeating: "a", count: 33)] {
            expectRefused(.hello, helloBody(cluster: name))
            expectRefused(.hello, helloBody(node: name))
        }
        expectRefused(.hello, helloBody(founding: [3]))
    }

    @Test func earlierStartsAreAtLeastTheirNonces() throws {
        let most = [UInt64](repeating: 1, count: 32)
        try expectAccepted(.hello, helloBody(starts: 0, nonces: []))
        try expectAccepted(.hello, helloBody(starts: 32, nonces: most))
        try expectAccepted(.hello, helloBody(starts: RefusedBodyTests.limit - 1, nonces: most))
        expectRefused(.hello, helloBody(starts: 31, nonces: most))
        expectRefused(.hello, helloBody(starts: 33, nonces: most + [1]))
        expectRefused(.hello, helloBody(starts: RefusedBodyTests.limit))
    }

    private func helloBody(
        cluster: String = "example", node: String = "n1", starts: UInt64 = 1,
        nonces: [UInt64] = [9], founding: [UInt8] = [0],
        voters: [String] = ["n1", "n2"], http: [UInt8] = Array("h:1".utf8),
        raft: [UInt8] = Array("h:2".utf8)
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeShort(Array(cluster.utf8))
        writer.writeShort(Array(node.utf8))
        writer.write(words(1, 2))
        writer.write(starts)
        writer.write(UInt8(nonces.count))
        for nonce in nonces { writer.write(nonce) }
        writer.write(founding)
        writer.write(UInt8(voters.count))
        for voter in voters { writer.writeShort(Array(voter.utf8)) }
        writer.writeShort(http)
        writer.writeShort(raft)
        return writer.bytes
    }

    @Test func aRefusalIsALineOfText() throws {
        func body(reason: UInt8 = 1, _ detail: [UInt8]) -> [UInt8] {
            [reason, UInt8(detail.count & 0xFF), UInt8(detail.count >> 8)] + detail
        }
        try expectAccepted(.refusal, body([]))
        try expectAccepted(.refusal, body([UInt8](repeating: 0x61, count: 512)))
        expectRefused(.refusal, body([UInt8](repeating: 0x61, count: 513)))
        for detail: [UInt8] in [[0x0A], [0x1B], [0x7F], [0xC2, 0x85], [0xFF], [0xC3]] {
            expectRefused(.refusal, body(detail))
        }
        for reason: UInt8 in [0, 11, 12, 255] { expectRefused(.refusal, body(reason: reason, [])) }
        for reason: UInt8 in [11, 12] {
            try expectAccepted(.refusal, body(reason: reason, []), version: 3)
        }
        for reason: UInt8 in [0, 1, 10, 13, 255] {
            expectRefused(.refusal, body(reason: reason, []), version: 3)
        }
    }
}
