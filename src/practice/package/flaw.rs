//! What may be wrong with an archive besides what lies in it.

/// One fault of a package. Paths that lead out of a prefix are no flaw of this kind but entries like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::practice) enum Flaw {
    /// The index says another checksum than the file has.
    WrongChecksum,
    /// The file ends in the middle; the checksum in the index is that of the half.
    HalfAnArchive,
    /// A sign-in page with the checksum of a sign-in page.
    NotAnArchive,
    /// `info/index.json` tells of another package.
    AnotherPackage,
    /// There is nothing under `info`.
    NoInfo,
}
