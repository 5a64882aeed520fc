import Configuration
import Primitives
import Testing

struct MajorityReportTests {
    private func report(_ voters: [String], answering: Set<String>) throws -> MajorityReport {
        MajorityReport(voters: try voters.map { try #require(NodeID($0)) }) {
            answering.contains($0.description)
        }
    }

    @Test func aLostMajorityIsSaidInOneSentence() throws {
        let report = try report(["n1", "n2", "n3"], answering: ["n1"])
        #expect(!report.isMajority)
        #expect(
            report.sentence == "no majority: 1 of 3 nodes answers (n2, n3 do not); 2 are needed")
    }

    @Test func theSentenceIsEnglishInEveryNumber() throws {
        #expect(
            try report(["a", "b", "c", "d", "e"], answering: ["a", "b"]).sentence
                == "no majority: 2 of 5 nodes answer (c, d, e do not); 3 are needed")
        #expect(
            try report(["a"], answering: []).sentence
                == "no majority: 0 of 1 nodes answer (a does not); 1 is needed")
        #expect(
            try report(["a", "b"], answering: ["b"]).sentence
                == "no majority: 1 of 2 nodes answers (a does not); 2 are needed")
    }

    @Test func halfIsNoMajority() throws {
        #expect(try !report(["a", "b", "c", "d"], answering: ["a", "b"]).isMajority)
        #expect(try report(["a", "b", "c", "d"], answering: ["a", "b", "d"]).isMajority)
    }
}
