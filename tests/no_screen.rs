//! On a machine without a screen the window says so, and where else to go.

#![cfg(all(unix, not(target_os = "macos")))]

use std::process::Command;

#[test]
fn without_a_screen_the_command_line_is_named() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["--demo"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("error: there is no screen to open a window on"),
            "{said}"
        );
        assert!(
            said.contains("try: ") && said.contains("sextant --help"),
            "{said}"
        );
    }
    let left = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is written before there is a window");
}
