//! The index of channels: what they offer.

mod gateway;

#[allow(unused_imports, reason = "the solver comes")]
pub(in crate::package) use gateway::gateway;
