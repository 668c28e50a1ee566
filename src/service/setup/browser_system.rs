//! What Windows and macOS hold in a registry or in preferences: asked for on that very system, and changed by a command
//! that adds to what is there.

use std::process::Command;

use super::by_hand::quoted;
use crate::clients::browsers::{Browser, POLICY, POLICY_CNAME};
use crate::locations::{Locations, Platform};

/// The list of servers as the system has it; nothing where it cannot be asked, or has none.
pub(super) fn servers(browser: Browser, locations: &Locations) -> Option<String> {
    let is_here =
        locations.platform == Platform::current() && locations.system_root == std::path::Path::new("/");
    if !is_here {
        return None;
    }
    match locations.platform {
        Platform::Linux => None,
        Platform::MacOs => {
            said(Command::new("defaults").args(["read", browser.preferences_domain()?, POLICY]))
        }
        Platform::Windows => ["HKLM", "HKCU"].iter().find_map(|hive| {
            let key = format!(r"{hive}\{}", browser.registry_key()?);
            let name = if browser == Browser::Firefox { "1" } else { POLICY };
            let text = said(Command::new("reg").args(["query", &key, "/v", name]))?;
            text.split_once("REG_SZ")
                .map(|(_, value)| value.trim().to_owned())
        }),
    }
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Adds the host to the list that the system has, in whatever state it is.
pub(super) fn command(
    browser: Browser,
    platform: Platform,
    host: &str,
    disables_lookup: bool,
) -> Option<String> {
    match platform {
        Platform::Linux => None,
        Platform::MacOs => Some(on_macos(browser.preferences_domain()?, host, disables_lookup)),
        Platform::Windows => Some(match browser {
            Browser::Firefox => firefox_on_windows(browser.registry_key()?, host),
            _ => on_windows(browser.registry_key()?, host, disables_lookup),
        }),
    }
}

fn on_macos(domain: &str, host: &str, disables_lookup: bool) -> String {
    let host = quoted(host);
    let lookup = match disables_lookup {
        true => format!("\ndefaults write {domain} {POLICY_CNAME} -bool true"),
        false => String::new(),
    };
    format!(
        "list=$(defaults read {domain} {POLICY} 2>/dev/null)\n\
         defaults write {domain} {POLICY} -string \"${{list:+$list,}}\"{host}{lookup}"
    )
}

fn on_windows(key: &str, host: &str, disables_lookup: bool) -> String {
    let lookup = match disables_lookup {
        true => format!("\nSet-ItemProperty -Path $key -Name {POLICY_CNAME} -Value 1 -Type DWord"),
        false => String::new(),
    };
    format!(
        "$key = 'HKLM:\\{key}'\n\
         if (-not (Test-Path $key)) {{ New-Item -Path $key -Force | Out-Null }}\n\
         $list = (Get-ItemProperty -Path $key -Name {POLICY} -ErrorAction SilentlyContinue).{POLICY}\n\
         Set-ItemProperty -Path $key -Name {POLICY} -Value ((@($list, '{host}') | Where-Object {{ $_ }}) -join ','){lookup}"
    )
}

/// Firefox numbers the servers.
fn firefox_on_windows(key: &str, host: &str) -> String {
    format!(
        "$key = 'HKLM:\\{key}'\n\
         if (-not (Test-Path $key)) {{ New-Item -Path $key -Force | Out-Null }}\n\
         Set-ItemProperty -Path $key -Name ((Get-Item $key).ValueCount + 1) -Value '{host}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_adds_and_does_not_replace() {
        let mac = command(Browser::Chrome, Platform::MacOs, "repo.corp", false).unwrap();
        assert!(
            mac.contains("defaults read com.google.Chrome AuthServerAllowlist"),
            "{mac}"
        );
        assert!(mac.contains("\"${list:+$list,}\"repo.corp"), "{mac}");
        let windows = command(Browser::Edge, Platform::Windows, "repo.corp", true).unwrap();
        assert!(
            windows.contains(r"HKLM:\Software\Policies\Microsoft\Edge"),
            "{windows}"
        );
        assert!(
            windows.contains("@($list, 'repo.corp')") && windows.contains(POLICY_CNAME),
            "{windows}"
        );
        assert!(command(Browser::Chrome, Platform::Linux, "h", false).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn the_shell_of_macos_joins_the_lists() {
        // A stand-in for the program of macOS, which keeps one value in a file.
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("defaults");
        std::fs::write(
            &program,
            "#!/bin/sh\ncase $1 in read) cat \"$STORE\";; write) printf %s \"$5\" > \"$STORE\";; esac\n",
        )
        .unwrap();
        let mut permissions = std::fs::metadata(&program).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        std::fs::set_permissions(&program, permissions).unwrap();
        let store = folder.path().join("store");
        for (host, list) in [("a.corp", "a.corp"), ("b.corp", "a.corp,b.corp")] {
            let shell = command(Browser::Chrome, Platform::MacOs, host, false).unwrap();
            let path = format!("{}:/usr/bin:/bin", folder.path().display());
            let status = Command::new("sh")
                .args(["-c", &shell])
                .env("PATH", path)
                .env("STORE", &store)
                .status();
            assert!(status.unwrap().success());
            assert_eq!(std::fs::read_to_string(&store).unwrap(), list);
        }
    }
}
