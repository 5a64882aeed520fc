import Effort
import Fuzzing
import Testing

/// The short run: every kept input, and the same thousand mutations of them each time.
@Suite struct CorpusTests {
    private static let directory = {
        let file = #filePath
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/" + tests + "/FuzzCorpus/"
    }()

    private static func inputs(of target: FuzzTarget) throws -> [(path: String, bytes: [UInt8])] {
        try Corpus.inputs(at: directory + target.rawValue)
    }

    @Test(arguments: FuzzTarget.allCases)
    func everyKeptInputHoldsWhatIsPromised(target: FuzzTarget) throws {
        var accepted = 0
        let inputs = try CorpusTests.inputs(of: target)
        for input in inputs {
            do throws(BrokenProperty) {
                if try target.check(input.bytes) { accepted += 1 }
            } catch {
                Issue.record("\(input.path): \(error)")
            }
        }
        // A corpus that is all refused, or all accepted, reaches half of the code at most.
        #expect(accepted > 0 && accepted < inputs.count)
    }

    @Test(arguments: FuzzTarget.allCases)
    func soDoMutationsOfThem(target: FuzzTarget) throws {
        let inputs = try CorpusTests.inputs(of: target).map(\.bytes)
        for seed in 1...UInt64(1_000 * effort) {
            var mutator = Mutator(seed: seed)
            let bytes = mutator.next(from: inputs)
            do throws(BrokenProperty) {
                try target.check(bytes)
            } catch {
                Issue.record("seed \(seed), \(bytes): \(error)")
            }
        }
    }
}
