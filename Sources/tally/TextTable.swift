/// Rows of cells in columns as wide as their widest cell, for a terminal.
enum TextTable {
    /// The rows as lines, two blanks between the columns.
    ///
    /// - Parameters:
    ///   - rows: as many cells in each.
    ///   - numbers: the columns of numbers, which end in line.
    static func text(_ rows: [[String]], numbers: Set<Int>) -> String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { line($0, widths, numbers) + "\n" }.joined()
    }

    private static func line(_ cells: [String], _ widths: [Int], _ numbers: Set<Int>) -> String {
        let padded = cells.enumerated().map { column, cell in
            let space = String(repeating: " ", count: widths[column] - cell.count)
            if numbers.contains(column) { return space + cell }
            return column == cells.count - 1 ? cell : cell + space
        }
        return padded.joined(separator: "  ")
    }
}
