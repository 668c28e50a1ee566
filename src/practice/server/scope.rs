//! The scopes a user token may carry (server reference, section 1.5).

/// Every scope there is; each account may give all of them.
pub(super) const ALL: [&str; 20] = [
    "artifact:create",
    "artifact:delete",
    "artifact:download",
    "artifact:edit",
    "artifact:view",
    "channel.default-channel:edit",
    "channel.group:edit",
    "channel:create",
    "channel:delete",
    "channel:edit",
    "channel:history",
    "channel:view",
    "channel:view-artifacts",
    "subchannel.group:edit",
    "subchannel:create",
    "subchannel:delete",
    "subchannel:edit",
    "subchannel:history",
    "subchannel:view",
    "subchannel:view-artifacts",
];

/// What a token needs to be told of channels.
pub(super) const VIEW_CHANNEL: &str = "channel:view";
/// What a token needs to be told of sub-channels.
pub(super) const VIEW_SUBCHANNEL: &str = "subchannel:view";
/// What a token needs for the content of a channel that is not public.
pub(super) const READ_CHANNEL: [&str; 2] = ["artifact:download", "channel:view-artifacts"];
/// What a token needs for the content of a sub-channel that is not public.
pub(super) const READ_SUBCHANNEL: [&str; 2] = ["artifact:download", "subchannel:view-artifacts"];
/// What a token needs to put a file into a channel.
pub(super) const CREATE_ARTIFACT: &str = "artifact:create";
/// What a token needs to remove one.
pub(super) const DELETE_ARTIFACT: &str = "artifact:delete";
/// What a token needs to be told of files.
pub(super) const VIEW_ARTIFACT: &str = "artifact:view";
