/// How a command ends, in the numbers of sysexits.
enum ExitCode: Int32 {
    /// Done.
    case fine = 0
    /// The cluster refused: overflow, a reused key, a failed precondition.
    case refused = 1
    /// The command line makes no sense.
    case usage = 64
    /// The data on disk is damaged.
    case damagedData = 65
    /// No node of the cluster answers.
    case unreachable = 69
    /// An address can't be listened on.
    case addressUnavailable = 71
    /// The disk fails, or the directory is in use.
    case diskError = 74
    /// Not applied, or of unknown outcome; the text says which.
    case tryAgain = 75
    /// The config file or a node's identity is wrong.
    case configuration = 78
}
