use super::*;
use crate::error::{Explain, Kind};

const SIGNED_OUT: &str = "\
[main]
version = 2.0.0
name = Anaconda Navigator
# my own note
logged_brand = None
logged_api_url = None
anaconda_api_url = https://api.anaconda.org
{prefix}_api_url = None
{prefix}_token = None
{prefix}_token_id = None
offline_mode = False
my_own_key : 1

[ssl]
trusted_servers = ['psm.example.com', 'b.example.com']

[internal]
welcome_ts = 1700000000.5
";

const SIGNED_IN: &str = "\
[main]
version = 2.0.0
name = Anaconda Navigator
# my own note
logged_brand = Anaconda Server
logged_api_url = 'https://psm.example.com'
anaconda_api_url = https://api.anaconda.org
{prefix}_api_url = 'https://psm.example.com'
{prefix}_token = '46e98d'
{prefix}_token_id = '37233609-9ca2-4fde-b75f-9c6b4de86d89'
offline_mode = False
my_own_key : 1

[ssl]
trusted_servers = ['psm.example.com', 'b.example.com']

[internal]
welcome_ts = 1700000000.5
";

const NEW: &str = "anaconda_server";
const OLD: &str = "team_edition";

fn parse(text: &str) -> NavigatorFile {
    NavigatorFile::parse(text.as_bytes()).unwrap()
}

fn text(file: &NavigatorFile) -> String {
    String::from_utf8(file.bytes()).unwrap()
}

fn sign_in(file: &mut NavigatorFile) {
    file.set_signed_in(
        "https://psm.example.com/",
        "46e98d",
        "37233609-9ca2-4fde-b75f-9c6b4de86d89",
    )
    .unwrap();
}

#[test]
fn signing_in_and_out_changes_the_lines_of_either_generation_and_no_others() {
    for (prefix, generation) in [(NEW, Generation::AnacondaServer), (OLD, Generation::TeamEdition)] {
        for newline in ["\n", "\r\n"] {
            let golden = |template: &str| template.replace("{prefix}", prefix).replace('\n', newline);
            let mut file = parse(&golden(SIGNED_OUT));
            assert_eq!(file.generation(), generation);
            assert_eq!((file.domain(), file.logged_brand()), (None, None));

            sign_in(&mut file);
            assert_eq!(text(&file), golden(SIGNED_IN));

            file.set_signed_out().unwrap();
            let domain_kept = format!("{prefix}_api_url = 'https://psm.example.com'");
            let domain_gone = format!("{prefix}_api_url = None");
            assert_eq!(
                text(&file),
                golden(SIGNED_OUT).replace(&domain_gone, &domain_kept)
            );
            assert!(file.token().is_none());

            file.set_domain(None).unwrap();
            assert_eq!(text(&file), golden(SIGNED_OUT));
        }
    }
}

#[test]
fn a_signed_in_file_is_understood() {
    let file = parse(&SIGNED_IN.replace("{prefix}", OLD));
    assert_eq!(file.domain().as_deref(), Some("https://psm.example.com"));
    assert_eq!(file.logged_api_url().as_deref(), Some("https://psm.example.com"));
    assert_eq!(file.logged_brand().as_deref(), Some(SERVER_BRAND));
    assert_eq!(file.token().unwrap().expose(), "46e98d");
    assert_eq!(
        file.token_id().as_deref(),
        Some("37233609-9ca2-4fde-b75f-9c6b4de86d89")
    );
    assert_eq!(file.trusted_servers(), ["psm.example.com", "b.example.com"]);
    assert_eq!(file.line_of("team_edition_token"), Some(9));
    assert!(!file.offline_mode() && file.ssl_verification());
    assert_eq!(file.ssl_certificate(), None);
    assert!(!format!("{file:?}").contains("46e98d"));
}

#[test]
fn bare_and_inherited_values_are_understood() {
    let file = parse(
        "[DEFAULT]\nssl_certificate = C:\\Users\\ada\\ca.pem\n[main]\nOffline_Mode: True\nssl_verification=False\n\
         anaconda_server_api_url = https://psm.example.com/\nanaconda_server_token = 123456\nlogged_api_url = ''\n",
    );
    assert_eq!(file.ssl_certificate().as_deref(), Some("C:\\Users\\ada\\ca.pem"));
    assert!(file.offline_mode() && !file.ssl_verification());
    assert_eq!(file.domain().as_deref(), Some("https://psm.example.com"));
    assert_eq!(file.token().unwrap().expose(), "123456");
    assert_eq!(file.logged_api_url(), None);
    assert!(file.trusted_servers().is_empty());
}

#[test]
fn with_both_generations_no_stale_token_is_left() {
    let both = "[main]\nteam_edition_api_url = 'https://old.example.com'\nteam_edition_token = 'old'\n\
                team_edition_token_id = 'old-id'\nanaconda_server_api_url = None\nanaconda_server_token = None\n";
    let mut file = parse(both);
    assert_eq!(file.generation(), Generation::TeamEdition);
    sign_in(&mut file);
    assert_eq!(
        text(&file),
        "[main]\nteam_edition_api_url = 'https://psm.example.com'\nteam_edition_token = '46e98d'\n\
         team_edition_token_id = '37233609-9ca2-4fde-b75f-9c6b4de86d89'\n\
         anaconda_server_api_url = 'https://psm.example.com'\nanaconda_server_token = '46e98d'\n\
         logged_brand = Anaconda Server\nlogged_api_url = 'https://psm.example.com'\n"
    );
    file.set_signed_out().unwrap();
    assert!(!text(&file).contains("46e98d") && !text(&file).contains("37233609"));
    assert_eq!(file.domain().as_deref(), Some("https://psm.example.com"));

    let mut file = parse(both).with_generation(Some(Generation::AnacondaServer));
    assert_eq!(file.token().unwrap().expose(), "old");
    sign_in(&mut file);
    assert_eq!(
        file.get("anaconda_server_token_id").unwrap().text(),
        file.token_id().as_deref()
    );
    assert_eq!(file.get("team_edition_token").unwrap().text(), Some("46e98d"));
}

#[test]
fn the_generation_is_found_in_the_file() {
    for (main, generation) in [
        ("", Generation::AnacondaServer),
        ("team_edition_token_id = None\n", Generation::TeamEdition),
        (
            "team_edition_token = None\nanaconda_server_token = None\n",
            Generation::AnacondaServer,
        ),
        (
            "team_edition_token = 'x'\nanaconda_server_token = 'y'\n",
            Generation::AnacondaServer,
        ),
        (
            "team_edition_token = 'x'\nanaconda_server_token = None\n",
            Generation::TeamEdition,
        ),
    ] {
        let file = parse(&format!("[main]\n{main}"));
        assert_eq!(file.generation(), generation, "{main}");
        let told = file.with_generation(Some(Generation::TeamEdition));
        assert_eq!(told.generation(), Generation::TeamEdition);
    }
}

#[test]
fn a_missing_file_becomes_a_minimal_one() {
    let mut file = NavigatorFile::empty();
    sign_in(&mut file);
    assert_eq!(
        text(&file),
        "[main]\nlogged_brand = Anaconda Server\nlogged_api_url = 'https://psm.example.com'\n\
         anaconda_server_api_url = 'https://psm.example.com'\nanaconda_server_token = '46e98d'\n\
         anaconda_server_token_id = '37233609-9ca2-4fde-b75f-9c6b4de86d89'\n"
    );
    let mut old = NavigatorFile::empty().with_generation(Some(Generation::TeamEdition));
    old.set_domain(Some("https://psm.example.com")).unwrap();
    assert_eq!(
        text(&old),
        "[main]\nteam_edition_api_url = 'https://psm.example.com'\n"
    );

    let mut nothing = NavigatorFile::empty();
    nothing.set_signed_out().unwrap();
    assert_eq!(text(&nothing), "");
}

#[test]
fn marks_that_are_filled_in_later_stay_as_they_are() {
    let mut file = NavigatorFile::empty();
    file.set_signed_in("https://h", "\u{e000}token\u{e001}", "\u{f0000}")
        .unwrap();
    assert!(text(&file).contains("anaconda_server_token = '\u{e000}token\u{e001}'\n"));
    assert!(text(&file).contains("anaconda_server_token_id = '\u{f0000}'\n"));
}

#[test]
fn what_is_so_already_is_not_written_again() {
    let already = "[main]\nlogged_brand=Anaconda Server\nlogged_api_url = \"https://psm.example.com\" # here\n\
                   anaconda_server_api_url = https://psm.example.com\nanaconda_server_token = None # none\n";
    let mut file = parse(already);
    file.set_signed_in("https://psm.example.com", "t", "i").unwrap();
    assert!(text(&file).contains("\nlogged_api_url = \"https://psm.example.com\" # here\n"));
    let mut file = parse(already);
    file.set_signed_out().unwrap();
    assert!(text(&file).contains("anaconda_server_token = None # none\n"));
}

#[test]
fn signing_in_twice_is_signing_in_once() {
    let mut file = parse(&SIGNED_OUT.replace("{prefix}", NEW));
    sign_in(&mut file);
    let once = text(&file);
    sign_in(&mut file);
    assert_eq!(text(&file), once);
}

#[test]
fn an_inherited_token_is_gone_after_signing_out() {
    let mut file = parse("[DEFAULT]\nanaconda_server_token = 'x'\n[main]\nversion = 2.0.0\n");
    assert!(file.token().is_some());
    file.set_signed_out().unwrap();
    assert!(file.token().is_none());
}

#[test]
fn a_file_that_navigator_could_not_read_is_refused_with_a_reason() {
    for (content, kind, line) in [
        (&b"[main]\nlogged_brand = \0\0\0\n"[..], Kind::File, 2),
        (b"\0\0\0\0", Kind::File, 1),
        (b"[main]\nname = \xe9\n", Kind::File, 2),
        (b"logged_brand = None\n", Kind::RefusedEdit, 1),
        (b"[main]\nname = x\n\n[main]\n", Kind::RefusedEdit, 4),
        (b"[main]\nname = x\nName = y\n", Kind::RefusedEdit, 3),
        (b"[main]\n<<<<<<< HEAD\n", Kind::RefusedEdit, 2),
    ] {
        let problem = NavigatorFile::parse(content).unwrap_err().explain();
        assert_eq!(problem.kind, kind);
        assert!(
            problem.message.contains(&format!("line {line}")),
            "{}",
            problem.message
        );
        assert!(problem.cause.is_some() && problem.remedy.is_some());
    }
}

#[test]
fn a_refused_change_leaves_everything_as_it_was() {
    let before = SIGNED_OUT.replace("{prefix}", NEW);
    let mut file = parse(&before);
    // The last of several options is refused; those before it must not stay.
    let refused = file.change(|file| {
        file.set(LOGGED_BRAND, &Literal::Bare(SERVER_BRAND.to_owned()))?;
        file.set(LOGGED_API_URL, &Literal::Bare("x\0".to_owned()))
    });
    let problem = refused.unwrap_err().explain();
    assert_eq!(problem.kind, Kind::RefusedEdit);
    assert_eq!(text(&file), before);
}
