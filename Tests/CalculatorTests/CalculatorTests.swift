import Primitives
import Testing

@testable import Calculator

/// Numbers at which 64-bit arithmetic goes wrong, and ordinary ones.
private func operand(from random: inout RandomSource) -> Int64 {
    switch random.below(8) {
    case 0: .max
    case 1: .min
    case 2: .max - Int64(random.below(3))
    case 3: .min + Int64(random.below(3))
    case 4: Int64(bitPattern: random.next())
    default: Int64(random.below(7)) - 3
    }
}

@Suite struct CalculatorTests {
    @Test func setsAndAdds() {
        var calculator = Calculator()
        #expect(calculator.value == 0 && calculator.lastChange == 0)
        #expect(calculator.apply(.set(40), at: 2) == .changed(value: 40, index: 2))
        #expect(calculator.apply(.add(2), at: 3) == .changed(value: 42, index: 3))
        #expect(calculator.apply(.add(0), at: 7) == .changed(value: 42, index: 7))
        #expect(calculator.lastChange == 7)
    }

    @Test func overflowChangesNothing() {
        for (value, operand) in [(Int64.max, Int64(1)), (.min, -1), (.min, .min), (.max, .max)] {
            var calculator = Calculator()
            calculator.apply(.set(value), at: 1)
            let before = calculator
            #expect(
                calculator.apply(.add(operand), at: 2) == .overflow(value: value, lastChange: 1))
            #expect(calculator == before)
        }
    }

    /// The twin adds in 128 bits and looks whether the sum fits.
    @Test func agreesWithWiderArithmetic() {
        var random = RandomSource(seed: 11)
        var calculator = Calculator()
        var twin: (value: Int128, lastChange: UInt64) = (0, 0)
        var overflows = 0
        for index in UInt64(1)...20_000 {
            let operand = operand(from: &random)
            let set = random.chance(1, in: 4)
            let outcome = calculator.apply(set ? .set(operand) : .add(operand), at: index)
            let result = set ? Int128(operand) : twin.value + Int128(operand)
            if let fits = Int64(exactly: result) {
                twin = (result, index)
                #expect(outcome == .changed(value: fits, index: index))
            } else {
                overflows += 1
                #expect(
                    outcome
                        == .overflow(value: Int64(twin.value), lastChange: twin.lastChange))
            }
            #expect(Int128(calculator.value) == twin.value)
            #expect(calculator.lastChange == twin.lastChange)
        }
        #expect(overflows > 100)
    }
}

@Suite struct CommandTests {
    @Test func bytesAreAsSpecified() {
        var bytes: [UInt8] = []
        Calculator.Command.set(-2).append(to: &bytes)
        Calculator.Command.add(0x0102_0304_0506_0708).append(to: &bytes)
        #expect(
            bytes == [1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 8, 7, 6, 5, 4, 3, 2, 1])
    }

    @Test func commandsComeBack() {
        var random = RandomSource(seed: 12)
        for _ in 0..<2000 {
            let operand = operand(from: &random)
            let command: Calculator.Command =
                random.chance(1, in: 2) ? .set(operand) : .add(operand)
            var bytes: [UInt8] = [9, 9]
            command.append(to: &bytes)
            bytes.append(9)
            #expect(Calculator.Command(bytes: bytes, in: 2..<bytes.count - 1) == command)
            #expect(Calculator.Command(bytes: bytes, in: 2..<bytes.count) == nil)
            #expect(Calculator.Command(bytes: bytes, in: 2..<bytes.count - 2) == nil)
            #expect(Calculator.Command(bytes: bytes, in: 2..<2) == nil)
        }
    }

    @Test func unknownOpcodesAreRefused() {
        for code in UInt8.min...UInt8.max {
            let bytes = [code] + [UInt8](repeating: 0, count: 8)
            let known = code == 1 || code == 2
            #expect((Calculator.Command(bytes: bytes, in: 0..<9) != nil) == known)
        }
    }
}

@Suite struct SnapshotTests {
    private static let samples = [
        Calculator(), Calculator(value: .min, lastChange: .max),
        Calculator(value: 0x0102_0304_0506_0708, lastChange: 9),
    ]

    @Test(arguments: samples) func comesBack(calculator: Calculator) {
        let bytes = calculator.snapshot
        #expect(bytes.count == 24)
        #expect(Calculator(snapshot: bytes) == calculator)
    }

    @Test(arguments: samples) func damageIsNoticed(calculator: Calculator) {
        let bytes = calculator.snapshot
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= UInt8(1 << (bit % 8))
            #expect(Calculator(snapshot: damaged) == nil, "bit \(bit)")
        }
        for length in 0..<bytes.count {
            #expect(Calculator(snapshot: Array(bytes[..<length])) == nil)
        }
        #expect(Calculator(snapshot: bytes + [0]) == nil)
        #expect(Calculator(snapshot: [UInt8](repeating: 0, count: 24)) == nil)
    }

    @Test func anotherVersionIsRefused() {
        var writer = ByteWriter()
        writer.write(UInt32(2))
        writer.write(UInt64(0))
        writer.write(UInt64(0))
        var checksum = CRC32C()
        checksum.update(writer.bytes.span)
        writer.write(checksum.value)
        #expect(Calculator(snapshot: writer.bytes) == nil)
    }

    @Test func replayFromASnapshotGivesTheSame() throws {
        var random = RandomSource(seed: 13)
        var whole = Calculator()
        var restored = Calculator()
        for index in UInt64(1)...200 {
            let command: Calculator.Command = .add(operand(from: &random))
            #expect(whole.apply(command, at: index) == restored.apply(command, at: index))
            restored = try #require(Calculator(snapshot: restored.snapshot))
        }
        #expect(whole == restored)
    }
}

/// What the replication sees of the calculator.
@Suite struct StateMachineTests {
    @Test func bytesAreAppliedAsCommands() {
        var calculator = Calculator()
        var bytes: [UInt8] = [7]
        Calculator.Command.set(12).append(to: &bytes)
        let range = 1..<bytes.count
        #expect(Calculator.isCommand(bytes, range))
        #expect(!Calculator.isCommand(bytes, 0..<bytes.count))
        #expect(calculator.apply(bytes, range, at: 3) == .changed(value: 12, index: 3))
    }

    @Test func theHashTellsStatesApart() {
        var hashes: Set<UInt64> = []
        for value in Int64(-20)...20 {
            for lastChange in UInt64(0)..<20 {
                let state = Calculator(value: value, lastChange: lastChange)
                #expect(state.hash == Calculator(snapshot: state.snapshot)?.hash)
                hashes.insert(state.hash)
            }
        }
        #expect(hashes.count == 41 * 20)
    }
}

@Suite struct OutcomeTests {
    private static func outcomes(_ value: Int64, _ index: UInt64) -> [Calculator.Outcome] {
        [
            .changed(value: value, index: index), .overflow(value: value, lastChange: index),
            .refused(value: value, lastChange: index),
        ]
    }

    @Test func bytesAreAsSpecified() {
        var bytes: [UInt8] = []
        Calculator.Outcome.overflow(value: -2, lastChange: 0x0102_0304_0506_0708).append(to: &bytes)
        #expect(
            bytes == [2, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 8, 7, 6, 5, 4, 3, 2, 1])
    }

    @Test func outcomesComeBack() {
        var random = RandomSource(seed: 14)
        for _ in 0..<1000 {
            for outcome in Self.outcomes(operand(from: &random), random.next()) {
                var bytes: [UInt8] = [9, 9]
                outcome.append(to: &bytes)
                bytes.append(9)
                #expect(Calculator.Outcome(bytes: bytes, in: 2..<bytes.count - 1) == outcome)
                #expect(Calculator.Outcome(bytes: bytes, in: 2..<bytes.count) == nil)
                #expect(Calculator.Outcome(bytes: bytes, in: 2..<bytes.count - 2) == nil)
                #expect(Calculator.Outcome(bytes: bytes, in: 2..<2) == nil)
            }
        }
    }

    @Test func unknownCodesAreRefused() {
        for code in UInt8.min...UInt8.max {
            let bytes = [code] + [UInt8](repeating: 0, count: 16)
            #expect((Calculator.Outcome(bytes: bytes, in: 0..<17) != nil) == (1...3).contains(code))
        }
    }

    @Test func theHashTellsOutcomesApart() {
        var hashes: Set<UInt64> = []
        for value in Int64(-20)...20 {
            for index in UInt64(0)..<20 {
                for outcome in Self.outcomes(value, index) { hashes.insert(outcome.hash) }
            }
        }
        #expect(hashes.count == 41 * 20 * 3)
    }

    @Test func aRefusalSaysHowTheStateStands() {
        var calculator = Calculator()
        #expect(calculator.refusal() == .refused(value: 0, lastChange: 0))
        calculator.apply(.set(12), at: 3)
        let before = calculator
        #expect(calculator.refusal() == .refused(value: 12, lastChange: 3))
        #expect(calculator == before)
    }
}
