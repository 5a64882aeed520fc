extension FixedWidthInteger {
    /// The digits of a number that is not negative, behind as many zeros as make `width` digits of it;
    /// more where it has more.
    public func padded(to width: Int, radix: Int = 10) -> String {
        let digits = String(self, radix: radix)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
