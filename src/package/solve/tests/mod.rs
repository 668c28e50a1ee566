//! What is decided, on channels of a few packages each.

mod by_address;
mod changes;
mod explained;
mod priority;
mod properties;
mod universe;
