//! The index of channels: what they offer.

mod gateway;

pub(in crate::package) use gateway::gateway;
