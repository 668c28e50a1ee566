//! One screen or dialog a module: State, Message, Action, `new`, `update`, `view`. A screen is pure and knows no parent.

pub mod channels;
