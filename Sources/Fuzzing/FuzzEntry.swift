#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// What the executables fuzz-requests, fuzz-frames, fuzz-log, fuzz-config and fuzz-gossip, each a few
// lines of C, call. Their language is C because a main that libFuzzer's may stand in for must be
// weak, which Swift can't say.

/// Checks one input of a client's connection; a broken property ends the process.
@c(tallyFuzzRequests)
public func fuzzRequests(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe check(.requests, start, count)
}

/// Checks one input of a peer's connection, likewise.
@c(tallyFuzzFrames)
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe check(.frames, start, count)
}

/// Checks one directory, likewise.
@c(tallyFuzzLog)
public func fuzzLog(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe check(.log, start, count)
}

/// Checks one config file, likewise.
@c(tallyFuzzConfig)
public func fuzzConfig(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe check(.config, start, count)
}

/// Checks what comes to a member of the gossip, likewise.
@c(tallyFuzzGossip)
public func fuzzGossip(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe check(.gossip, start, count)
}

private func check(_ target: FuzzTarget, _ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(BrokenProperty) {
        try target.check(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError(error.description)
    }
    return 0
}

/// Gives libFuzzer the signals that Swift's runtime may have taken for its backtraces: with them it
/// saves the input that trapped.
@c(LLVMFuzzerInitialize)
public func initializeFuzzer(
    _ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
        signal(number, SIG_DFL)
    }
    return 0
}

/// The main of an ordinary build: checks the files that it is given, and those in the directories,
/// and names each before it does. Returns 64 without arguments and 74 where one can't be read.
@c(tallyReplay)
public func replay(
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt, _ count: CInt,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    guard let arguments = unsafe arguments, count > 1 else {
        print("give files or directories to replay")
        return 64
    }
    for position in 1..<Int(count) {
        guard let argument = unsafe arguments[position] else { continue }
        do {
            for input in try Corpus.inputs(at: unsafe String(cString: argument)) {
                print(input.path)
                _ = unsafe input.bytes.withUnsafeBufferPointer {
                    unsafe body($0.baseAddress, $0.count)
                }
            }
        } catch {
            print(error)
            return 74
        }
    }
    return 0
}
