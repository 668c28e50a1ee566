//! Whether there is a screen to open a window on. Without one, the window library ends with a message of its own that
//! helps nobody, so it is looked for first.

use std::collections::BTreeMap;

use crate::error::{Kind, Problem};

/// Why no window can be opened with these environment variables; nothing where one may be.
///
/// Wayland is taken where its variables are set, X11 otherwise, as the window library decides. An X server on another
/// machine is not asked.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn missing(variables: &BTreeMap<String, String>) -> Option<Problem> {
    let variable = |name: &str| {
        variables
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    };
    let cause = if variable("WAYLAND_SOCKET").is_some() {
        return None;
    } else if let Some(name) = variable("WAYLAND_DISPLAY") {
        wayland_refuses(name, variable("XDG_RUNTIME_DIR"))
            .map(|why| format!("the Wayland display {name} does not answer: {why}"))
    } else if let Some(name) = variable("DISPLAY") {
        x11_refuses(name).map(|why| format!("the X11 display {name} does not answer: {why}"))
    } else {
        Some("neither WAYLAND_DISPLAY nor DISPLAY is set".to_owned())
    };
    Some(
        Problem::new(Kind::Usage, "there is no screen to open a window on")
            .because(cause?)
            .remedy("start Sextant in a desktop session, or use the command line: sextant --help"),
    )
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn missing(_: &BTreeMap<String, String>) -> Option<Problem> {
    None
}

#[cfg(all(unix, not(target_os = "macos")))]
fn wayland_refuses(name: &str, runtime: Option<&str>) -> Option<String> {
    use std::os::unix::net::UnixStream;
    use std::path::Path;

    let path = if name.starts_with('/') {
        Path::new(name).to_owned()
    } else {
        match runtime {
            Some(runtime) => Path::new(runtime).join(name),
            None => return Some("XDG_RUNTIME_DIR is not set".to_owned()),
        }
    };
    UnixStream::connect(path).err().map(|error| error.to_string())
}

/// `[unix]:<number>[.<screen>]` is a display of this machine, on a socket in a folder or, on Linux, in the abstract
/// namespace.
#[cfg(all(unix, not(target_os = "macos")))]
fn x11_refuses(name: &str) -> Option<String> {
    use std::os::unix::net::UnixStream;
    use std::path::Path;

    if name.starts_with('/') {
        return None;
    }
    let (host, rest) = name.rsplit_once(':')?;
    if !matches!(host, "" | "unix") {
        return None;
    }
    let number = rest.split('.').next().unwrap_or_default();
    let path = format!("/tmp/.X11-unix/X{number}");
    let error = UnixStream::connect(Path::new(&path)).err()?;
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::SocketAddr;

        let answers = SocketAddr::from_abstract_name(&path)
            .and_then(|address| UnixStream::connect_addr(&address))
            .is_ok();
        if answers {
            return None;
        }
    }
    Some(error.to_string())
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    fn cause(variables: &[(&str, &str)]) -> Option<String> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        missing(&variables.collect())?.cause
    }

    #[test]
    fn without_any_display_it_is_said() {
        for empty in [&[][..], &[("DISPLAY", ""), ("WAYLAND_DISPLAY", "")]] {
            assert_eq!(
                cause(empty).unwrap(),
                "neither WAYLAND_DISPLAY nor DISPLAY is set"
            );
        }
    }

    #[test]
    fn a_display_that_is_gone_is_named() {
        assert!(
            cause(&[("DISPLAY", ":64321")])
                .unwrap()
                .contains("X11 display :64321 does not answer")
        );
        assert!(
            cause(&[("WAYLAND_DISPLAY", "wayland-0")])
                .unwrap()
                .contains("XDG_RUNTIME_DIR is not set")
        );
        let folder = tempfile::tempdir().unwrap();
        let runtime = folder.path().to_str().unwrap();
        let gone = cause(&[("WAYLAND_DISPLAY", "wayland-0"), ("XDG_RUNTIME_DIR", runtime)]);
        assert!(gone.unwrap().contains("wayland-0 does not answer"));
    }

    #[test]
    fn one_that_answers_or_cannot_be_asked_is_left_to_the_window() {
        let folder = tempfile::tempdir().unwrap();
        let _listener = UnixListener::bind(folder.path().join("wayland-0")).unwrap();
        let runtime = folder.path().to_str().unwrap();
        assert_eq!(
            cause(&[("WAYLAND_DISPLAY", "wayland-0"), ("XDG_RUNTIME_DIR", runtime)]),
            None
        );
        assert_eq!(cause(&[("WAYLAND_SOCKET", "5")]), None);
        assert_eq!(cause(&[("DISPLAY", "far.example.com:0")]), None);
    }
}
