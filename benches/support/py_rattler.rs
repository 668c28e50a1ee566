//! The peer of what works on packages: rattler's own Python package.

/// As pip takes it.
pub const PY_RATTLER: &str = "py-rattler==0.26.0";
