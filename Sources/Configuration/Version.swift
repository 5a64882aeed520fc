/// The version of this program, as `tally --version` and `/status` tell it.
public enum TallyVersion {
    /// Major, minor and patch, without a leading `v`.
    public static let text = "0.1.0"
}
