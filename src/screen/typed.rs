//! Text on its way from a field: it may be a password, or hold a pasted token, so nothing shows it.

use std::fmt;

use zeroize::Zeroizing;

use crate::secret::{MASK, Secret};

/// What was typed or pasted. `Debug` masks it, and it is wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_str())
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_does_not_show() {
        let typed = Typed::new("hunter2");
        assert!(!format!("{typed:?}").contains("hunter2"));
        assert_eq!(
            (typed.as_str(), typed.to_secret().expose()),
            ("hunter2", "hunter2")
        );
    }
}
