/// The bounds of the config file, in one place and with their units.
public enum ConfigurationLimits {
    /// The most bytes that a file may have: 1 MiB.
    public static let fileBytes = 1 << 20

    /// How many nodes may be founding voters.
    public static let foundingVoters = 1...9

    /// What a time in the file may be, in milliseconds: up to an hour.
    public static let milliseconds = 1...3_600_000

    /// How many entries may lie between two snapshots.
    public static let snapshotEntries = 1...1_000_000_000

    /// The most bytes of an address, which travels behind a length of one byte.
    static let addressBytes = 255

    /// The most bytes of the three addresses that others dial of a node: they travel in one datagram
    /// with more about it, and of others.
    static let advertisedBytes = 450

    /// How deep objects and lists may nest; the format itself needs four levels.
    static let nesting = 32

    /// How many characters of a wrong value a fault repeats.
    static let shownCharacters = 60
}
