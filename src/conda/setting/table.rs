//! Every setting that conda knows: names, kind of value, default, and one line about it.
//!
//! Source: conda's own `base/context.py` as of conda 26.7, and repository reference, section 3.3. The names that start
//! a row are those of conda's documentation; further ones are accepted as well.

use super::definition::{Definition, Form, Group};

/// Declares the settings once: the enum, the list of all of them, and what is known about each.
macro_rules! settings {
    ($($variant:ident: $definition:expr,)*) => {
        /// A setting by its name in conda's documentation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key {
            $($variant,)*
        }

        impl Key {
            pub const ALL: [Self; [$(Self::$variant),*].len()] = [$(Self::$variant),*];

            /// What is known about the setting.
            pub fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$variant => {
                        const DEFINITION: Definition = $definition;
                        &DEFINITION
                    })*
                }
            }
        }
    };
}

use Group::{Build, Channels as InChannels, Hidden, Install, Network, Output, Packages, Solving};

const fn switch(group: Group, names: &'static [&'static str], default: bool) -> Definition {
    Definition::scalar(group, names, Form::Switch).preset(if default { "true" } else { "false" })
}

const fn optional_switch(group: Group, names: &'static [&'static str]) -> Definition {
    Definition::scalar(group, names, Form::SwitchOrNothing)
}

const fn whole(group: Group, names: &'static [&'static str], default: &'static str) -> Definition {
    Definition::scalar(group, names, Form::Whole).preset(default)
}

const fn text(group: Group, names: &'static [&'static str], default: &'static str) -> Definition {
    Definition::scalar(group, names, Form::Text).preset(default)
}

const fn optional_text(group: Group, names: &'static [&'static str]) -> Definition {
    Definition::scalar(group, names, Form::TextOrNothing)
}

const fn word(
    group: Group,
    names: &'static [&'static str],
    words: &'static [&'static str],
    default: &'static str,
) -> Definition {
    Definition::scalar(group, names, Form::Word(words)).preset(default)
}

const fn member(
    group: Group,
    names: &'static [&'static str],
    words: &'static [&'static str],
    default: &'static str,
) -> Definition {
    Definition::scalar(group, names, Form::Member(words)).preset(default)
}

const fn list(group: Group, names: &'static [&'static str]) -> Definition {
    Definition::list(group, names)
}

const fn map(group: Group, names: &'static [&'static str]) -> Definition {
    Definition::map(group, names)
}

settings! {
    // Channels
    Channels: list(InChannels, &["channels", "channel"]).expanded().flags(&["--channel", "--override-channels", "--use-local"])
        .says("Where packages come from, first choice first: names, addresses, or defaults."),
    ChannelAlias: text(InChannels, &["channel_alias"], "https://conda.anaconda.org").expanded()
        .says("The address that stands before the bare names in channels."),
    ChannelPriority: Definition::scalar(InChannels, &["channel_priority"], Form::SwitchOrWord(&["strict", "flexible", "disabled"]))
        .preset("flexible").flags(&["--strict-channel-priority", "--channel-priority", "--no-channel-priority"])
        .says("Whether a package of an earlier channel hides those of the same name in later ones."),
    ChannelSettings: Definition::records(InChannels, &["channel_settings"])
        .says("Settings for single channels: a list of maps, each with the key channel."),
    DefaultChannels: list(InChannels, &["default_channels"]).expanded()
        .items(&["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"])
        .says("The channels that the name defaults stands for."),
    CustomChannels: map(InChannels, &["custom_channels"]).expanded()
        .says("Channel names with a location of their own, without the name at its end."),
    CustomMultichannels: Definition::map_of_lists(InChannels, &["custom_multichannels"]).expanded()
        .says("Names that stand for several channels; defaults here prevails over default_channels."),
    MigratedChannelAliases: list(InChannels, &["migrated_channel_aliases"])
        .says("Former channel aliases, so that installed packages keep their channel after a move."),
    MigratedCustomChannels: map(InChannels, &["migrated_custom_channels"]).expanded()
        .says("Former locations of custom channels, by name."),
    AllowlistChannels: list(InChannels, &["allowlist_channels", "whitelist_channels"]).expanded()
        .says("The only channels that may be used; any other stops conda."),
    DenylistChannels: list(InChannels, &["denylist_channels"]).expanded()
        .says("Channels that must not be used; one of them stops conda."),
    OverrideChannelsEnabled: switch(InChannels, &["override_channels_enabled"], true)
        .says("Whether the option --override-channels is allowed."),
    AddAnacondaToken: switch(InChannels, &["add_anaconda_token", "add_binstar_token"], true)
        .says("Whether conda adds the stored token to the addresses of channels."),
    AllowNonChannelUrls: switch(InChannels, &["allow_non_channel_urls"], false)
        .says("Warn instead of failing at an address that is no channel."),
    RepodataFns: list(InChannels, &["repodata_fns"]).items(&["current_repodata.json", "repodata.json"])
        .flags(&["--repodata-fn"]).says("The names of the index files to look for, in order."),
    RepodataUseZst: switch(InChannels, &["repodata_use_zst"], true).flags(&["--repodata-use-zst", "--no-repodata-use-zst"])
        .says("Fetch the compressed index where a channel has one."),
    RepodataUseShards: switch(InChannels, &["repodata_use_shards"], true)
        .flags(&["--repodata-use-shards", "--no-repodata-use-shards"])
        .says("Fetch only the needed parts of the index where a channel offers that."),
    UseOnlyTarBz2: optional_switch(InChannels, &["use_only_tar_bz2"])
        .says("Download .tar.bz2 packages only, never .conda."),
    UseLocal: switch(InChannels, &["use_local"], false).flags(&["--use-local"])
        .says("Also search packages that conda-build made on this machine."),
    UseIndexCache: switch(InChannels, &["use_index_cache"], false).flags(&["--use-index-cache"])
        .says("Use the stored index even when it is out of date."),
    NumberChannelNotices: whole(InChannels, &["number_channel_notices"], "5")
        .says("How many notices of channels are shown; 0 shows none."),
    Experimental: list(InChannels, &["experimental"]).flags(&["--experimental"])
        .says("Experimental features to switch on, such as jlap."),
    Preview: list(InChannels, &["preview"]).says("Features of a coming version to switch on."),
    NoLock: switch(InChannels, &["no_lock"], false).flags(&["--no-lock"])
        .says("Do not lock the stored index while it is used."),

    // Network
    SslVerify: Definition::scalar(Network, &["ssl_verify", "verify_ssl"], Form::SwitchOrText).preset("true").expanded()
        .flags(&["--insecure"])
        .says("Whose certificates are trusted: true, a CA file or folder, or truststore for the system's."),
    ClientSslCert: optional_text(Network, &["client_ssl_cert", "client_cert"]).expanded()
        .says("The file with the certificate that conda presents, and perhaps its key."),
    ClientSslCertKey: optional_text(Network, &["client_ssl_cert_key", "client_cert_key"]).expanded()
        .says("The file with the key of client_ssl_cert."),
    ProxyServers: map(Network, &["proxy_servers"]).expanded()
        .says("The proxies, by scheme (http, https) or scheme://host."),
    RemoteConnectTimeoutSecs: Definition::scalar(Network, &["remote_connect_timeout_secs"], Form::Decimal).preset("9.15")
        .says("How many seconds to wait for a connection."),
    RemoteReadTimeoutSecs: Definition::scalar(Network, &["remote_read_timeout_secs"], Form::Decimal).preset("60.0")
        .says("How many seconds to wait for a server's answer."),
    RemoteMaxRetries: whole(Network, &["remote_max_retries"], "3").says("How often a request is tried again."),
    RemoteBackoffFactor: whole(Network, &["remote_backoff_factor"], "1")
        .says("How much longer each wait before a further try becomes."),
    LocalRepodataTtl: Definition::scalar(Network, &["local_repodata_ttl"], Form::SwitchOrWhole).preset("1")
        .says("For how many seconds an index is not asked for again; 1 leaves that to the server."),
    Offline: switch(Network, &["offline"], false).flags(&["--offline"])
        .says("Use only what lies on this machine."),
    RepodataThreads: whole(Network, &["repodata_threads"], "0").says("How many indexes are fetched at once; 0 lets conda decide."),
    FetchThreads: whole(Network, &["fetch_threads"], "0").says("How many packages are fetched at once; 0 lets conda decide."),

    // Solving
    Solver: text(Solving, &["solver", "experimental_solver"], "libmamba").flags(&["--solver"])
        .says("The solver that chooses packages: libmamba, classic, or that of a plugin."),
    PinnedPackages: list(Solving, &["pinned_packages"]).separated_by_ampersands()
        .says("Packages that every environment keeps at these versions."),
    DisallowedPackages: list(Solving, &["disallowed_packages", "disallow"]).separated_by_ampersands()
        .says("Packages that must not be installed."),
    AggressiveUpdatePackages: list(Solving, &["aggressive_update_packages"]).items(&["ca-certificates", "certifi", "openssl"])
        .says("Packages that are always brought up to date."),
    CreateDefaultPackages: list(Solving, &["create_default_packages"]).flags(&["--no-default-packages"])
        .says("Packages that every new environment gets."),
    TrackFeatures: list(Solving, &["track_features"]).says("Features that every environment tracks."),
    AddPipAsPythonDependency: switch(Solving, &["add_pip_as_python_dependency"], true)
        .says("Install pip wherever python is installed."),
    AutoUpdateConda: switch(Solving, &["auto_update_conda", "self_update"], true)
        .says("Bring conda itself up to date on the way."),
    ExcludeNewer: text(Solving, &["exclude_newer", "cooldown"], "").flags(&["--exclude-newer"])
        .says("Leave out packages published after a date or within a time such as 7d."),
    ExcludeNewerPackage: map(Solving, &["exclude_newer_package", "cooldown_exclude"])
        .says("Exceptions from exclude_newer, by package."),
    ForceReinstall: switch(Solving, &["force_reinstall"], false).flags(&["--force-reinstall"])
        .says("Install again what is there already."),
    PrefixDataInteroperability: switch(Solving, &["prefix_data_interoperability", "pip_interop_enabled"], false)
        .says("Let conda see packages that pip installed."),
    IgnorePinned: switch(Solving, &["ignore_pinned"], false).flags(&["--no-pin"]).says("Ignore pinned packages."),
    UnsatisfiableHints: switch(Solving, &["unsatisfiable_hints"], true)
        .says("Look for the packages in conflict when there is no solution."),
    UnsatisfiableHintsCheckDepth: whole(Solving, &["unsatisfiable_hints_check_depth"], "2")
        .says("How far to look for packages in conflict."),
    OverrideVirtualPackages: map(Solving, &["override_virtual_packages", "virtual_packages"])
        .says("Versions of virtual packages such as __glibc or __cuda, by name."),

    // Environments and packages on disk
    EnvsDirs: list(Packages, &["envs_dirs", "envs_path"]).expanded().separated_like_paths()
        .machine("envs in the base installation, and ~/.conda/envs")
        .says("The folders of named environments; new ones go to the first that can be written."),
    PkgsDirs: list(Packages, &["pkgs_dirs"]).expanded().machine("pkgs in the base installation, and ~/.conda/pkgs")
        .says("The folders of downloaded packages."),
    DefaultThreads: whole(Packages, &["default_threads"], "0").says("How many things are done at once; 0 lets conda decide."),
    DefaultPython: optional_text(Packages, &["default_python"]).machine("the version that conda runs on")
        .says("The version of Python that new environments get, such as 3.12."),
    RegisterEnvs: switch(Packages, &["register_envs"], true)
        .says("Write new environments down in ~/.conda/environments.txt."),
    ProtectFrozenEnvs: switch(Packages, &["protect_frozen_envs"], true).flags(&["--override-frozen"])
        .says("Do not change environments that are marked as frozen."),
    EnvvarsForceUppercase: switch(Packages, &["envvars_force_uppercase"], true)
        .says("Write the names of an environment's variables in capital letters."),
    ExportPlatforms: list(Packages, &["export_platforms", "extra_platforms"])
        .says("Further platforms that an export covers."),

    // Installing
    AllowSoftlinks: switch(Install, &["allow_softlinks"], false)
        .says("Make symbolic links where hard links are impossible; otherwise copy."),
    AlwaysCopy: switch(Install, &["always_copy", "copy"], false).flags(&["--copy"])
        .says("Copy files into environments instead of linking them."),
    AlwaysSoftlink: switch(Install, &["always_softlink", "softlink"], false)
        .says("Always make symbolic links; environments can break that way."),
    PathConflict: word(Install, &["path_conflict"], &["clobber", "warn", "prevent"], "clobber")
        .says("What happens when two packages hold the same file."),
    Clobber: switch(Install, &["clobber"], false).flags(&["--clobber"])
        .says("Overwrite files that two packages hold, without a word."),
    RollbackEnabled: switch(Install, &["rollback_enabled"], true).says("Undo what was begun when an installation fails."),
    SafetyChecks: word(Install, &["safety_checks"], &["disabled", "warn", "enabled"], "warn")
        .says("What happens when a package does not match its checksums."),
    ExtraSafetyChecks: switch(Install, &["extra_safety_checks"], false).says("Check every file of a package."),
    SigningMetadataUrlBase: optional_text(Install, &["signing_metadata_url_base"])
        .says("Where the keys for package signatures are."),
    Shortcuts: switch(Install, &["shortcuts"], true).flags(&["--shortcuts", "--no-shortcuts"])
        .says("Let packages add entries to the system's menu."),
    ShortcutsOnly: list(Install, &["shortcuts_only"]).expanded().flags(&["--shortcuts-only"])
        .says("The only packages that may add entries to the system's menu."),
    NonAdminEnabled: switch(Install, &["non_admin_enabled"], true)
        .says("Whether people without administrator rights may install."),
    SeparateFormatCache: switch(Install, &["separate_format_cache"], false)
        .says("Keep .conda and .tar.bz2 of one package apart."),
    VerifyThreads: whole(Install, &["verify_threads"], "0").says("How many packages are checked at once; 0 lets conda decide."),
    ExecuteThreads: whole(Install, &["execute_threads"], "0").says("How many packages are linked at once; 0 lets conda decide."),
    DownloadOnly: switch(Install, &["download_only"], false).flags(&["--download-only"])
        .says("Download packages, and install none."),

    // Output
    AlwaysYes: optional_switch(Output, &["always_yes", "yes"]).flags(&["--yes"]).says("Answer every question with yes."),
    AutoActivate: switch(Output, &["auto_activate", "auto_activate_base"], true)
        .says("Activate an environment when a shell starts."),
    DefaultActivationEnv: text(Output, &["default_activation_env"], "base")
        .says("The environment that is activated when none is named."),
    AutoStack: whole(Output, &["auto_stack"], "0").says("How deeply environments are stacked when one is activated."),
    Changeps1: switch(Output, &["changeps1"], true).says("Show the active environment in the prompt."),
    EnvPrompt: text(Output, &["env_prompt"], "({default_env}) ").says("What the prompt shows of the active environment."),
    Json: switch(Output, &["json"], false).flags(&["--json"]).says("Answer in JSON."),
    Console: text(Output, &["console"], "classic").flags(&["--console"]).says("How messages are drawn."),
    NotifyOutdatedConda: switch(Output, &["notify_outdated_conda"], true).says("Say when there is a newer conda."),
    Quiet: switch(Output, &["quiet"], false).flags(&["--quiet"]).says("Show no progress."),
    ReportErrors: optional_switch(Output, &["report_errors"]).says("Whether reports of errors are sent to conda's makers."),
    ShowChannelUrls: optional_switch(Output, &["show_channel_urls"])
        .flags(&["--show-channel-urls", "--no-show-channel-urls"]).says("Show where packages come from."),
    ListFields: list(Output, &["list_fields"]).items(&["name", "version", "build", "channel_name"])
        .says("The columns of conda list."),
    Verbosity: whole(Output, &["verbosity", "verbose"], "0").flags(&["--verbose"]).says("How much is told, from 0 to 3."),
    Debug: switch(Output, &["debug"], false).flags(&["--debug"]).says("Tell everything for finding a defect."),
    Trace: switch(Output, &["trace"], false).flags(&["--trace"]).says("Tell even more than debug."),
    DryRun: switch(Output, &["dry_run"], false).flags(&["--dry-run"]).says("Show what would happen, and do nothing."),

    // conda-build and uploads
    BldPath: text(Build, &["bld_path"], "").says("Where conda-build puts packages; croot prevails."),
    Croot: text(Build, &["croot"], "").says("Where conda-build works and puts packages."),
    AnacondaUpload: optional_switch(Build, &["anaconda_upload", "binstar_upload"])
        .says("Upload what conda-build made."),
    CondaBuild: map(Build, &["conda_build", "conda-build"]).says("Settings of conda-build."),

    // Plugins
    Plugins: Definition::settings(Hidden, &["plugins"]).says("Settings of plugins, by name."),
    NoPlugins: switch(Hidden, &["no_plugins"], false).flags(&["--no-plugins"]).says("Use no plugins but conda's own."),
    EnvironmentSpecifier: optional_text(Hidden, &["environment_specifier", "env_spec"]).flags(&["--environment-specifier"])
        .says("The plugin that reads files describing an environment."),

    // Hardly ever set in a file
    AllowCondaDowngrades: switch(Hidden, &["allow_conda_downgrades"], false).says("Allow an older conda to be installed."),
    AllowCycles: switch(Hidden, &["allow_cycles"], true).says("Allow packages that need one another."),
    Dev: switch(Hidden, &["dev"], false).flags(&["--dev"]).says("For work on conda itself."),
    EnablePrivateEnvs: switch(Hidden, &["enable_private_envs"], false).says("Private environments, which conda no longer makes."),
    ErrorUploadUrl: text(Hidden, &["error_upload_url"], "https://conda.io/conda-post/unexpected-error")
        .says("Where reports of errors go."),
    Force32bit: switch(Hidden, &["force_32bit"], false).says("Build 32-bit packages on a 64-bit machine."),
    Force: switch(Hidden, &["force"], false).says("Override conda's objections."),
    ForceRemove: switch(Hidden, &["force_remove"], false).says("Remove packages without what depends on them."),
    RootPrefix: text(Hidden, &["root_prefix", "root_dir"], "").says("The folder of the base installation."),
    SatSolver: member(Hidden, &["sat_solver"], &["pycosat", "pycryptosat", "pysat"], "pycosat")
        .says("The SAT solver of the classic solver."),
    SolverIgnoreTimestamps: switch(Hidden, &["solver_ignore_timestamps"], false).says("Do not prefer newer builds."),
    Subdir: text(Hidden, &["subdir"], "").flags(&["--subdir", "--platform"]).machine("that of this machine")
        .says("The platform whose packages are used, such as linux-64."),
    Subdirs: list(Hidden, &["subdirs"]).machine("that of this machine, and noarch").says("All platforms whose packages are used."),
    TargetPrefixOverride: text(Hidden, &["target_prefix_override"], "").says("The folder that is written into packages."),
    DepsModifier: member(Hidden, &["deps_modifier"], &["not_set", "no_deps", "only_deps"], "not_set")
        .flags(&["--no-deps", "--only-deps"]).says("Whether dependencies are installed."),
    UpdateModifier: member(
            Hidden, &["update_modifier"],
            &["specs_satisfied_skip_solve", "freeze_installed", "update_deps", "update_specs", "update_all"], "update_specs",
        ).flags(&["--freeze-installed", "--update-deps", "--update-all", "--satisfied-skip-solve"])
        .says("Which installed packages may change."),
}
