//! Odd and broken files, a full disk, missing rights: a clear message, and nothing changed.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::Path;
use std::process::Command;

use sandbox::{Ran, Sandbox, mode};

fn try_sign_in(sandbox: &Sandbox) -> Ran {
    sandbox.run_with_input(
        &sandbox.sign_in_words(&["--add-to-channels", "research"]),
        "sextant\n",
    )
}

/// Signing in works and signing out brings every byte back.
fn comes_back(what: &str, condarc: &[u8]) {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", condarc);
    let ran = try_sign_in(&sandbox);
    assert_eq!(ran.code, Some(0), "{what}: {ran:?}");
    let edited = fs::read(sandbox.condarc()).unwrap();
    let text = String::from_utf8(edited.clone()).unwrap();
    assert!(
        text.contains("/api/repo") && text.contains("research"),
        "{what}: {text}"
    );
    if condarc.starts_with(b"\xef\xbb\xbf") {
        assert!(
            edited.starts_with(b"\xef\xbb\xbf"),
            "{what}: the byte order mark is gone"
        );
    }
    if condarc.windows(2).any(|pair| pair == b"\r\n") {
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{what}: {text:?}"
        );
    }
    let out = sandbox.run(&["sign-out", "--json"]);
    assert_eq!(out.code, Some(0), "{what}: {out:?}");
    assert_eq!(fs::read(sandbox.condarc()).unwrap(), condarc, "{what}");
    assert!(sandbox.tokens().is_empty());
}

/// Signing in is refused with this kind, says where, and changes nothing.
fn is_refused(what: &str, condarc: &[u8], kind: &str) {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", condarc);
    let before = sandbox.listing();
    let ran = try_sign_in(&sandbox);
    assert_eq!(ran.failed(), kind, "{what}: {ran:?}");
    assert!(
        ran.out.contains(".condarc"),
        "{what}: the file is not named: {ran:?}"
    );
    assert!(!ran.json()["error"]["remedy"].is_null(), "{what}: {ran:?}");
    assert_eq!(sandbox.listing(), before, "{what}");
    assert!(sandbox.tokens().is_empty(), "{what}");
}

#[test]
fn condarc_of_every_harmless_shape_is_edited_and_comes_back() {
    for (what, text) in [
        ("empty", ""),
        ("comment only", "# nothing yet\n"),
        ("no final newline", "ssl_verify: true"),
        (
            "carriage returns",
            "channels:\r\n  - a # x\r\nssl_verify: true\r\n",
        ),
        ("byte order mark", "\u{feff}channels:\n  - a\n"),
        ("document start", "---\nchannels: [a]\n"),
        ("document end", "channels: [a]\n...\n"),
        ("flow list", "channels: [a, b] # c\ndefault_channels: [c]\n"),
        ("null", "channels:\nssl_verify: true\n"),
        ("the other spelling", "channel:\n  - a\nverify_ssl: true\n"),
        (
            "anchors elsewhere",
            "custom_multichannels:\n  x: &l [a, b]\n  y: *l\nchannels: [a]\n",
        ),
        ("final", "channels: #!final\n  - a\n"),
        ("bottom and top", "channels:\n  - a #!top\n  - b #!bottom\n"),
        ("variables", "channels:\n  - https://h/t/${TOKEN}/c\n"),
        ("a person's token", "channels:\n  - https://h/t/abc123/c\n"),
        ("multi-line text", "x: |\n  channels: no\n  # no\nchannels: [a]\n"),
        ("unicode", "# ünïcödé ☃\nchannels: [a]\n"),
        ("indented root", "  channels:\n    - a\n  ssl_verify: true\n"),
    ] {
        comes_back(what, text.as_bytes());
    }
}

#[test]
fn condarc_that_cannot_be_edited_without_risk_is_refused() {
    for (what, bytes) in [
        ("not UTF-8", &b"channels: [\xff]\n"[..]),
        ("NUL bytes", b"channels: [a]\0\n"),
        ("tabs", b"channels:\n\t- a\n"),
        ("duplicate keys", b"channels: [a]\nchannels: [b]\n"),
        ("two documents", b"channels: [a]\n---\nchannels: [b]\n"),
        ("a list", b"- a\n- b\n"),
        ("broken", b"channels: [a\n"),
        ("both spellings", b"channels: [a]\nchannel: [b]\n"),
        ("an alias as value", b"x: &l [a]\nchannels: *l\n"),
        ("an anchor in use", b"channels: &l [a]\nx: *l\n"),
    ] {
        is_refused(what, bytes, "refused-edit");
    }
}

#[test]
fn a_condarc_of_ten_megabytes_is_edited() {
    let mut text = String::from("channels: [a]\n");
    while text.len() < 10 * 1024 * 1024 {
        text.push_str("# a comment that goes on and on, as nobody would ever write it\n");
    }
    comes_back("10 MB", text.as_bytes());
}

#[cfg(unix)]
#[test]
fn links_folders_and_missing_rights() {
    let sandbox = Sandbox::new();
    sandbox.write("dotfiles/condarc", "channels: [a]\n");
    std::os::unix::fs::symlink("dotfiles/condarc", sandbox.condarc()).unwrap();
    assert_eq!(try_sign_in(&sandbox).code, Some(0));
    assert!(fs::symlink_metadata(sandbox.condarc()).unwrap().is_symlink());
    assert!(sandbox.read("dotfiles/condarc").contains("research"));
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read("dotfiles/condarc"), "channels: [a]\n");
    assert!(fs::symlink_metadata(sandbox.condarc()).unwrap().is_symlink());

    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink("nowhere", sandbox.condarc()).unwrap();
    let ran = try_sign_in(&sandbox);
    assert_eq!(ran.failed(), "file");
    assert!(ran.out.contains("nowhere"), "{ran:?}");
    assert!(sandbox.tokens().is_empty());

    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [a]\n");
    let mut permissions = fs::metadata(sandbox.condarc()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(sandbox.condarc(), permissions).unwrap();
    let ran = try_sign_in(&sandbox);
    assert_eq!(ran.failed(), "file");
    assert!(ran.out.contains("chmod"), "{ran:?}");
    assert_eq!(mode(&sandbox.condarc()), 0o444);
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_folder_in_the_place_of_condarc_is_said() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.condarc()).unwrap();
    let ran = try_sign_in(&sandbox);
    assert_eq!(ran.failed(), "file");
    assert!(ran.out.contains("folder"), "{ran:?}");
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn navigators_file_of_every_shape() {
    const PLACE: &str = ".anaconda/navigator/anaconda-navigator.ini";
    for (what, text, expected) in [
        ("empty", "", "anaconda_server_token = '"),
        (
            "old names",
            "[main]\nteam_edition_token = None\nteam_edition_token_id = None\n",
            "team_edition_token = '",
        ),
        (
            "both names",
            "[main]\nteam_edition_token = None\nanaconda_server_token = None\n",
            "team_edition_token = '",
        ),
        (
            "carriage returns",
            "[main]\r\nanaconda_server_token = None\r\n",
            "anaconda_server_token = '",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(PLACE, text);
        let ran = try_sign_in(&sandbox);
        assert_eq!(ran.code, Some(0), "{what}: {ran:?}");
        let ini = sandbox.read(PLACE);
        assert!(ini.contains(expected), "{what}: {ini}");
        if text.contains("\r\n") {
            assert_eq!(
                ini.matches('\n').count(),
                ini.matches("\r\n").count(),
                "{what}: {ini:?}"
            );
        }
        sandbox.run(&["sign-out", "--json"]).succeeded();
        let ini = sandbox.read(PLACE);
        assert!(
            !ini.contains("token = '") && ini.contains("logged_api_url = None"),
            "{what}: {ini}"
        );
    }
    for (what, bytes) in [
        ("NUL bytes", &b"[main]\n\0\0\0\n"[..]),
        ("no section", b"anaconda_server_token = None\n"),
        ("duplicate", b"[main]\nx = 1\nx = 2\n"),
        ("not UTF-8", b"[main]\nx = \xff\n"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(PLACE, bytes);
        let before = sandbox.listing();
        let ran = try_sign_in(&sandbox);
        assert!(
            ["file", "refused-edit"].contains(&ran.failed().as_str()),
            "{what}: {ran:?}"
        );
        assert!(ran.out.contains("anaconda-navigator.ini"), "{what}: {ran:?}");
        assert_eq!(sandbox.listing(), before, "{what}");
        assert!(sandbox.tokens().is_empty(), "{what}");
    }
}

#[test]
fn trouble_with_the_login_changes_nothing() {
    use sextant::practice::{Fault, Trouble};
    for trouble in [
        Trouble::status(500),
        Trouble::status(503),
        Trouble::fault(Fault::Html),
        Trouble::fault(Fault::GarbageJson),
        Trouble::fault(Fault::Truncate),
        Trouble::fault(Fault::HugeBody { bytes: 64 << 20 }),
        Trouble::fault(Fault::MissingFields { fields: Vec::new() }),
        Trouble::drop_at(1),
    ] {
        for path in ["/api/auth/login", "/api/account"] {
            let sandbox = Sandbox::new();
            sandbox.write(".condarc", "channels: [a]\n");
            let before = sandbox.listing();
            sandbox.practice.set_trouble(trouble.clone().only_path(path));
            let ran = try_sign_in(&sandbox);
            let kind = ran.failed();
            assert!(
                ["network", "not-a-server", "internal"].contains(&kind.as_str()),
                "{trouble:?} at {path}: {ran:?}"
            );
            assert_ne!(kind, "internal", "{trouble:?} at {path}: {ran:?}");
            assert_eq!(sandbox.listing(), before, "{trouble:?} at {path}");
            assert!(sandbox.tokens().is_empty(), "{trouble:?} at {path}");
        }
    }
}

/// A small file system of its own, in a mount name space of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let sandbox = Sandbox::new();
    let script = r#"
        mount -t tmpfs -o size=200k,mode=700 tmpfs "$HOME" || exit 77
        printf 'channels: [a] # mine\n' > "$HOME/.condarc"
        i=0; while [ $i -lt "$BLOCKS" ] && dd if=/dev/zero of="$HOME/filler-$i" bs=4096 count=1 2>/dev/null; do i=$((i+1)); done
        echo sextant | "$PROGRAM" sign-in server --domain "$SERVER" --username alice --password-stdin --json
        echo "code $?"
        cat "$HOME/.condarc"
        rm -f "$HOME"/filler-*
        "$PROGRAM" recover --json >/dev/null; echo "recovered $?"
        cat "$HOME/.condarc"
        find "$HOME" -name '*.token' -o -name '*.sextant-*' | sed 's/^/remains: /'
    "#;
    let mut failures = 0;
    // From no space at all to nearly enough: it runs out at every stage.
    for blocks in (20..50).rev() {
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", script])
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", sandbox.home())
            .env("PROGRAM", env!("CARGO_BIN_EXE_sextant"))
            .env("SERVER", sandbox.practice.url())
            .env("BLOCKS", blocks.to_string())
            .env("SEXTANT_SYSTEM_ROOT", sandbox.system())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .output();
        let output = match output {
            Ok(output) if output.status.code() != Some(77) && output.status.code() != Some(1) => output,
            other => {
                println!("skipped: this machine gives no mount name space of one's own ({other:?})");
                return;
            }
        };
        let said = String::from_utf8(output.stdout).unwrap();
        if said.contains("code 0") {
            for token in sandbox.practice.tokens() {
                sandbox.practice.revoke_token(&token.id);
            }
            continue;
        }
        failures += 1;
        assert_eq!(
            said.matches("channels: [a] # mine\n").count(),
            2,
            "{blocks}: {said}"
        );
        assert!(
            said.contains("\"kind\":\"file\"") && said.contains("recovered 0"),
            "{blocks}: {said}"
        );
        assert!(!said.contains("remains: "), "{blocks}: {said}");
        assert!(sandbox.tokens().is_empty(), "{blocks}: {said}");
    }
    assert!(failures > 3, "the disk was never full");
}

#[test]
fn a_home_without_write_permission_is_said() {
    // An administrator may write everywhere; then there is nothing to see here.
    let sandbox = Sandbox::new();
    let closed = sandbox.home().join("closed");
    fs::create_dir(&closed).unwrap();
    let mut permissions = fs::metadata(&closed).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&closed, permissions.clone()).unwrap();
    if fs::write(closed.join("probe"), "").is_ok() {
        println!("skipped: this account may write everywhere");
        return;
    }
    let mut command = sandbox.command(&["domain", "set", sandbox.practice.url(), "--json"]);
    let ran: Ran = command.env("HOME", &closed).output().unwrap().into();
    assert_eq!(ran.failed(), "file");
    assert!(Path::new(&closed).read_dir().unwrap().next().is_none());
}
