/// Guesses which word was meant by a misspelt one.
public enum Spelling {
    /// Words longer than this are not compared.
    private static let longest = 40

    /// The word that is at most two slips away (a letter added, dropped or replaced, or two
    /// neighbours swapped) and less than half of the word, or nil where none is. The nearest
    /// wins, and of equally near ones the first.
    public static func nearest(to word: String, among words: [String]) -> String? {
        guard !word.isEmpty, word.utf8.count <= longest else { return nil }
        var best: (word: String, slips: Int)?
        for candidate in words {
            let slips = distance(Array(word.lowercased().utf8), Array(candidate.lowercased().utf8))
            guard slips <= 2, slips * 2 < candidate.utf8.count else { continue }
            if slips < best?.slips ?? .max { best = (candidate, slips) }
        }
        return best?.word
    }

    /// The distance of Damerau and Levenshtein, in its variant for adjacent swaps.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = last[column] + (byte == other ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
