//! What lies in a package.

/// Stands in files for the prefix that the package is linked into; as long as conda-build makes it, so that any real
/// prefix fits into a binary.
pub(in crate::practice) const PLACEHOLDER: &str = concat!(
    "/opt/practice-build/_h_env_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold",
    "_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold",
    "_placehold_placehold_placehold_placehold_placehol"
);

/// One file or link of an archive. The path is written as it stands, also one that no decent archive has.
#[derive(Debug, Clone)]
pub(in crate::practice) struct Entry {
    pub(super) path: String,
    pub(super) body: Body,
    pub(super) executable: bool,
    /// Whether `info/paths.json` and `info/files` name it.
    pub(super) listed: bool,
}

#[derive(Debug, Clone)]
pub(in crate::practice) enum Body {
    Text(String),
    Binary(Vec<u8>),
    /// So many bytes that no compression makes less of, made only when the package is.
    Noise(usize),
    Link(String),
    /// A hard link, which no builder of packages makes.
    HardLink(String),
}

/// How a placeholder is to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileMode {
    Text,
    Binary,
}

impl FileMode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

impl Entry {
    /// The bytes of the file; of a link none.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Text(text) => text.clone().into_bytes(),
            Body::Binary(bytes) => bytes.clone(),
            Body::Noise(length) => noise(*length),
            Body::Link(_) | Body::HardLink(_) => Vec::new(),
        }
    }

    /// Nothing for a file that does not know where it lies.
    pub(super) fn placeholder(&self) -> Option<FileMode> {
        match &self.body {
            Body::Text(text) if text.contains(PLACEHOLDER) => Some(FileMode::Text),
            Body::Binary(bytes) => {
                let mut windows = bytes.windows(PLACEHOLDER.len());
                windows
                    .any(|window| window == PLACEHOLDER.as_bytes())
                    .then_some(FileMode::Binary)
            }
            _ => None,
        }
    }
}

/// The same bytes every time (splitmix64).
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    let mut state = length as u64;
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_placeholder_is_as_long_as_that_of_conda_build() {
        assert_eq!(PLACEHOLDER.len(), 255);
    }

    #[test]
    fn noise_is_the_same_every_time_and_has_its_length() {
        assert_eq!(noise(1_001).len(), 1_001);
        assert_eq!(noise(1_001), noise(1_001));
        assert_ne!(noise(1_001)[..8], noise(1_002)[..8]);
    }
}
