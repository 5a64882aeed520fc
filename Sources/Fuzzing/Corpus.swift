import Posix

/// Inputs that are kept as files.
public enum Corpus {
    /// The longest input that is read, in bytes.
    private static let longestInput = 1 << 20

    /// The inputs at a path: a file's bytes, or those of all files in a directory, sorted by name.
    public static func inputs(
        at path: String
    ) throws(FileError) -> [(path: String, bytes: [UInt8])] {
        guard let names = try? FileSystem.names(in: path) else {
            return [(path, try FileSystem.contents(of: path, limit: longestInput))]
        }
        var inputs: [(path: String, bytes: [UInt8])] = []
        for name in names.sorted() {
            let file = path + "/" + name
            inputs.append((file, try FileSystem.contents(of: file, limit: longestInput)))
        }
        return inputs
    }
}
