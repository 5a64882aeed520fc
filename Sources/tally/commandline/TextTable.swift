/// Rows of cells in columns as wide as their widest cell, for a terminal.
struct TextTable {
    /// What stands above each column.
    let heading: [String]
    /// The columns of numbers, which end in line.
    let numbers: Set<Int>
    /// The columns that a narrow terminal goes without, the first to go first.
    let expendable: [Int]

    /// The rows as lines under the heading, two blanks between the columns.
    ///
    /// - Parameters:
    ///   - rows: as many cells in each as the heading has.
    ///   - width: how many columns of characters there are, nil for no bound. What does not fit without
    ///     the expendable columns is wider.
    func text(_ rows: [[String]], width: Int?) -> String {
        let rows = [heading] + rows
        let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var shown = Array(heading.indices)
        var expendable = expendable[...]
        while let width, shown.reduce(-2, { $0 + widths[$1] + 2 }) > width,
            let gone = expendable.popFirst()
        {
            shown.removeAll { $0 == gone }
        }
        return rows.map { line($0, shown, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
        let padded = shown.map { column in
            let space = String(repeating: " ", count: widths[column] - cells[column].count)
            if numbers.contains(column) { return space + cells[column] }
            return column == shown.last ? cells[column] : cells[column] + space
        }
        return padded.joined(separator: "  ")
    }
}
