//! The index of the searched channels, over real connections on the loopback.

#[path = "../support/channel_server.rs"]
mod channel_server;
#[path = "../support/scripted_server.rs"]
mod scripted_server;

mod fetching;
mod searching;
mod secrets;
mod sharded;
mod trouble;
