//! What is decided, on channels of a few packages each.

mod changes;
mod explained;
mod priority;
mod universe;
