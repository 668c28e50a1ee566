use std::sync::Arc;

use super::*;
use crate::clients::browsers::Browser;
use crate::credential::FileStore;
use crate::locations::{Locations, Platform};
use crate::secret::Secret;
use crate::service::SystemClock;

struct Home {
    folder: tempfile::TempDir,
    platform: Platform,
    variables: Vec<(String, String)>,
}

impl Home {
    fn on(platform: Platform) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            platform,
            variables: Vec::new(),
        }
    }

    fn services(&self) -> Services {
        let mut locations = Locations::inside(self.folder.path());
        locations.platform = self.platform;
        locations.variables.extend(self.variables.iter().cloned());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Services::with(locations, credentials, Arc::new(SystemClock))
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn browsers(all: &[Browser]) -> BrowserSetup {
    let mut setup = BrowserSetup::new("https://Repo.corp:8443/x").unwrap();
    setup.browsers = all.to_vec();
    setup
}

#[test]
fn on_other_systems_browsers_get_commands_that_add_to_what_is_there() {
    let mac = Home::on(Platform::MacOs).services();
    let plan = mac
        .plan_browsers(&browsers(&[Browser::Safari, Browser::Chrome, Browser::Edge]))
        .unwrap();
    assert!(plan.plan.is_empty());
    let commands: Vec<&str> = plan.by_hand.iter().map(|step| step.command.as_str()).collect();
    assert_eq!(commands.len(), 2, "Safari needs nothing: {commands:?}");
    assert!(commands[0].contains("com.google.Chrome") && commands[0].contains("${list:+$list,}"));
    assert!(!plan.by_hand[0].needs_administrator);
    let windows = Home::on(Platform::Windows).services();
    let plan = windows
        .plan_browsers(&browsers(&[Browser::Edge, Browser::Firefox]))
        .unwrap();
    assert!(
        plan.by_hand
            .iter()
            .all(|step| step.needs_administrator && step.path.is_none())
    );
    assert!(plan.by_hand[0].command.contains(r"Policies\Microsoft\Edge"));
    let said: Vec<&str> = plan
        .plan
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(
        said.iter().any(|words| words.contains("Internet Explorer")),
        "{said:?}"
    );
    let views = windows.browser_views("repo.corp").unwrap();
    assert!(
        views.iter().all(|view| view.standing == Standing::Unknown),
        "{views:?}"
    );
    let views = mac.browser_views("repo.corp").unwrap();
    let safari = views.iter().find(|view| view.browser == Browser::Safari).unwrap();
    assert_eq!(safari.standing, Standing::NothingNeeded);
}

#[test]
fn without_a_name_the_browsers_that_are_there_are_meant() {
    let home = Home::on(Platform::Linux);
    let error = home.services().plan_browsers(&browsers(&[])).unwrap_err();
    assert!(matches!(error, ServiceError::Setup(SetupError::NoBrowser)));
    home.write("system-root/usr/bin/chromium", "");
    let plan = home.services().plan_browsers(&browsers(&[])).unwrap();
    assert_eq!(plan.plan.files.len(), 1);
    assert!(
        plan.plan.files[0]
            .path
            .ends_with("etc/chromium/policies/managed/sextant.json")
    );
    assert_eq!(plan.afterwards, ["restart Chromium, and look at chrome://policy"]);
}

#[test]
fn a_lookup_that_is_to_be_switched_off_is_although_the_server_is_allowed() {
    let home = Home::on(Platform::Linux);
    let policy = "system-root/etc/chromium/policies/managed/x.json";
    home.write(policy, "{\n  \"AuthServerAllowlist\": \"*.corp\"\n}\n");
    let mut setup = browsers(&[Browser::Chromium]);
    assert!(home.services().plan_browsers(&setup).unwrap().is_empty());
    setup.disables_lookup = true;
    let plan = home.services().plan_browsers(&setup).unwrap();
    let diffs = plan.plan.diffs();
    let text = diffs[0].to_text();
    assert!(
        text.contains("+   \"DisableAuthNegotiateCnameLookup\": true"),
        "{text}"
    );
    assert!(text.contains("\"AuthServerAllowlist\": \"*.corp\""), "{text}");
}

#[test]
fn windows_own_kerberos_is_told_with_its_own_program() {
    let services = Home::on(Platform::Windows).services();
    let setup = KerberosSetup::new("repo.corp", "CORP.EXAMPLE", "kdc.corp").unwrap();
    let plan = services.plan_kerberos(&setup).unwrap();
    assert!(plan.plan.is_empty());
    assert_eq!(
        plan.by_hand[0].command,
        "ksetup /addkdc CORP.EXAMPLE kdc.corp\nksetup /addhosttorealmmap repo.corp CORP.EXAMPLE"
    );
}

#[test]
fn names_that_would_end_a_line_or_a_brace_are_none() {
    for realm in ["", "A B", "A{", "A\nB", "A]", "a=b", "#A"] {
        let error = KerberosSetup::new("repo.corp", realm, "kdc").unwrap_err();
        assert!(
            matches!(error, ServiceError::Setup(SetupError::NotARealm { .. })),
            "{realm:?}"
        );
    }
    for kdc in ["", "k d c", "k}", "k\n"] {
        // White space around is nobody's meaning.
        let made = KerberosSetup::new("repo.corp", "CORP", kdc);
        assert_eq!(made.is_err(), kdc != "k\n", "{kdc:?}");
    }
    assert!(KerberosSetup::new("", "CORP", "kdc").is_err());
    KerberosSetup::new("repo.corp", "CORP", "[::1]:88").unwrap();
}

#[test]
fn another_default_realm_stays_and_a_wrong_mapping_is_put_right() {
    let home = Home::on(Platform::Linux);
    let text = "[libdefaults]\n\tdefault_realm = OTHER\n[domain_realm]\n\trepo.corp = WRONG # no comment\n";
    home.write("system-root/etc/krb5.conf", text);
    let setup = KerberosSetup::new("repo.corp", "CORP", "kdc.corp").unwrap();
    let plan = home.services().plan_kerberos(&setup).unwrap();
    let after = String::from_utf8(plan.plan.files[0].after.clone().unwrap()).unwrap();
    assert_eq!(
        after,
        "[libdefaults]\n\tdefault_realm = OTHER\n[domain_realm]\n\trepo.corp = CORP\n\n[realms]\n    CORP = {\n        \
         kdc = kdc.corp\n    }\n"
    );
    assert!(
        plan.plan.warnings[0].message.contains("stays OTHER"),
        "{:?}",
        plan.plan.warnings
    );
    let view = home.services().kerberos_view("repo.corp").unwrap();
    assert_eq!(view.realm_in_use(), Some("WRONG # no comment"));
}

fn pip(level: PipLevel) -> PipSetup {
    PipSetup {
        address: IndexAddress::parse("https://repo.corp/pypi/jane/simple").unwrap(),
        index_use: IndexUse::Instead,
        trusted_host: None,
        level,
        login: None,
    }
}

#[test]
fn the_file_of_an_environment_takes_one_that_is_active() {
    let mut home = Home::on(Platform::Linux);
    let error = home.services().plan_pip(&pip(PipLevel::Site)).unwrap_err();
    assert!(matches!(error, ServiceError::Setup(SetupError::NoEnvironment)));
    let prefix = home.folder.path().join("venv");
    home.variables
        .push(("VIRTUAL_ENV".to_owned(), prefix.display().to_string()));
    let plan = home.services().plan_pip(&pip(PipLevel::Site)).unwrap();
    assert_eq!(plan.plan.files[0].path, prefix.join("pip.conf"));
    // It prevails over the person's own, which is said.
    home.write("venv/pip.conf", "[global]\nindex-url = https://other/simple\n");
    let plan = home.services().plan_pip(&pip(PipLevel::User)).unwrap();
    let said: Vec<&str> = plan
        .plan
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(
        said.iter().any(|words| words.contains("prevails over")),
        "{said:?}"
    );
}

#[test]
fn what_others_can_read_is_closed_when_it_gets_a_token() {
    let home = Home::on(Platform::Linux);
    home.write(".config/uv/uv.toml", "# mine\n");
    let setup = UvSetup {
        address: IndexAddress::parse("https://repo.corp/pypi/jane/simple").unwrap(),
        name: "corp".to_owned(),
        index_use: IndexUse::Beside,
        audience: Audience::Person,
        login: Some(IndexLogin::Token(
            crate::secret::Token::parse("tk-canary").unwrap(),
        )),
    };
    let services = home.services();
    let plan = services.plan_uv(&setup).unwrap();
    assert_eq!(plan.plan.files[0].mode, cfg!(unix).then_some(0o600));
    assert!(!format!("{:?}", plan.plan.diffs()).contains("canary"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(services.set_up(&plan)).unwrap().unwrap();
    let path = home.folder.path().join(".config/uv/uv.toml");
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .contains("/t/tk-canary/pypi/jane/simple")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let everybody = UvSetup {
        audience: Audience::Everybody,
        ..setup
    };
    let error = services.plan_uv(&everybody).unwrap_err();
    assert!(matches!(
        error,
        ServiceError::Setup(SetupError::SecretForEverybody)
    ));
}

#[test]
fn a_password_that_netrc_cannot_hold_is_refused_before_anything_is_written() {
    let home = Home::on(Platform::Linux);
    let setup = PipSetup {
        login: Some(IndexLogin::Password {
            user: "jane".to_owned(),
            password: Secret::new("canary with space"),
        }),
        ..pip(PipLevel::User)
    };
    let error = home.services().plan_pip(&setup).unwrap_err();
    assert!(matches!(error, ServiceError::Setup(SetupError::Netrc { .. })));
    assert!(!format!("{error:?}").contains("canary"));
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_told_before_it_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    assert!(may_write(&folder.path().join("a/b/c")));
    assert!(
        fs::read_dir(folder.path()).unwrap().next().is_none(),
        "asking leaves no trace"
    );
    let path = folder.path().join("fixed");
    fs::write(&path, "x").unwrap();
    assert!(may_write(&path));
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert!(!may_write(&path));
    assert!(!may_write(std::path::Path::new("/proc/new")));
}
