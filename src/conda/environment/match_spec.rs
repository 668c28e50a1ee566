//! Match specs in conda's own spelling, as far as conda's history needs them: the name of the package, and the text that
//! conda would write down.
//!
//! Which packages fit a spec is not known here. What conda cannot read is kept as it is written.

use std::fmt;

/// A match spec taken apart as conda takes it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSpec {
    channel: Option<String>,
    subdir: Option<String>,
    name: String,
    version: Option<String>,
    build: Option<String>,
    /// What else stands in brackets, in the order in which conda writes it.
    others: Vec<(&'static str, String)>,
}

/// Beside channel, subdir, name, version and build.
const OTHER_FIELDS: [&str; 12] = [
    "build_number",
    "track_features",
    "features",
    "url",
    "md5",
    "sha256",
    "license",
    "license_family",
    "fn",
    "when",
    "extras",
    "flags",
];

impl MatchSpec {
    /// Takes any text; what is no spec to conda has the whole text as its name.
    pub fn parse(text: &str) -> Self {
        parsed(text).unwrap_or_else(|| Self::named(text.trim()))
    }

    fn named(name: &str) -> Self {
        Self {
            channel: None,
            subdir: None,
            name: name.to_lowercase(),
            version: None,
            build: None,
            others: Vec::new(),
        }
    }

    /// Of the package, in lower case; `*` for any.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it says nothing but the name.
    pub fn is_name_only(&self) -> bool {
        self == &Self::named(&self.name)
    }
}

fn parsed(text: &str) -> Option<MatchSpec> {
    let whole = text;
    let text = text.split('#').next().unwrap_or_default();
    let text = text.split(" if ").next().unwrap_or_default();
    if text.ends_with(".conda") || text.ends_with(".tar.bz2") {
        return package_file(text);
    }
    let mut spec = MatchSpec::named("");
    let (text, brackets) = brackets(text);
    let text = without_parentheses(&text);
    let mut parts = text.rsplitn(3, ':');
    let rest = parts.next().unwrap_or_default().trim_start();
    let _namespace = parts.next();
    if let Some(channel) = parts.next().filter(|channel| !channel.is_empty()) {
        (spec.channel, spec.subdir) = channel_and_subdir(channel);
    }
    let end = rest.find([' ', '=', '<', '>', '!', '~']).unwrap_or(rest.len());
    let (name, constraint) = rest.split_at(end);
    if name.is_empty() {
        return None;
    }
    spec.name = name.to_lowercase();
    // A sign with nothing behind it is no constraint.
    let constraint = if constraint.len() == 1 {
        ""
    } else {
        constraint.trim()
    };
    if constraint.contains('[') {
        return None;
    }
    if !constraint.is_empty() {
        let (version, build) = version_and_build(constraint);
        spec.version = Some(sanitized(&version, build.is_some()));
        spec.build = build;
    }
    for (key, value) in brackets {
        match key.as_str() {
            "channel" => {
                let (channel, subdir) = channel_and_subdir(&value);
                spec.channel = channel.or(spec.channel);
                spec.subdir = subdir.or(spec.subdir);
            }
            "subdir" => spec.subdir = Some(value),
            "version" => spec.version = Some(sanitized(&value, false)),
            "build" => spec.build = Some(value),
            "name" => {}
            other => {
                let Some(field) = OTHER_FIELDS.iter().find(|field| **field == other) else {
                    return Some(MatchSpec::named(whole.trim()));
                };
                spec.others.push((field, value));
            }
        }
    }
    spec.others
        .sort_by_key(|(key, _)| OTHER_FIELDS.iter().position(|field| field == key));
    spec.version = spec.version.map(|version| normal_version(&version));
    Some(spec)
}

/// `https://host/channel/linux-64/name-version-build.conda`.
fn package_file(text: &str) -> Option<MatchSpec> {
    let (folder, file) = text.rsplit_once(['/', '\\'])?;
    let stem = file
        .strip_suffix(".conda")
        .or_else(|| file.strip_suffix(".tar.bz2"))?;
    let (rest, build) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let (channel, subdir) = channel_and_subdir(folder);
    // Without a subdir conda takes the address for a mere file.
    let subdir = subdir?;
    Some(MatchSpec {
        channel,
        subdir: Some(subdir),
        name: name.to_lowercase(),
        version: Some(normal_version(version)),
        build: Some(build.to_owned()),
        others: vec![("url", text.to_owned())],
    })
}

/// Takes `[key=value, key='value']` off the end.
fn brackets(text: &str) -> (String, Vec<(String, String)>) {
    let (Some(start), Some(end)) = (text.find('['), text.rfind(']')) else {
        return (text.to_owned(), Vec::new());
    };
    if end < start {
        return (text.to_owned(), Vec::new());
    }
    let mut pairs = Vec::new();
    let mut inside = &text[start + 1..end];
    while let Some((key, rest)) = inside.split_once('=') {
        let key = key.trim_matches([' ', ',']);
        let rest = rest.trim_start();
        let (value, after) = match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
            // A list of extras or flags.
            Some('[') => {
                let end = rest.find(']').map_or(rest.len(), |at| at + 1);
                rest.split_at(end)
            }
            _ => {
                let end = rest.find([',', ' ']).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        pairs.push((key.to_owned(), value.to_owned()));
        inside = after;
    }
    (format!("{}{}", &text[..start], &text[end + 1..]), pairs)
}

/// Takes the brackets of old off, whose content conda reads and forgets.
fn without_parentheses(text: &str) -> String {
    match (text.rfind('('), text.rfind(')')) {
        // Those within a version are part of it.
        (Some(start), Some(end)) if start < end && !text[..start].contains(['<', '>', '=']) => {
            format!("{}{}", &text[..start], &text[end + 1..])
        }
        _ => text.to_owned(),
    }
}

fn channel_and_subdir(channel: &str) -> (Option<String>, Option<String>) {
    let channel = channel.trim_end_matches('/');
    let (channel, subdir) = match channel.rsplit_once('/') {
        Some((channel, subdir)) if crate::conda::subdir::KNOWN.contains(&subdir) => {
            (channel, Some(subdir.to_owned()))
        }
        _ => (channel, None),
    };
    ((channel != "*").then(|| channel.to_owned()), subdir)
}

/// `>=1.0 , <2 py34_0` is a version and a build, whichever way they are set apart.
fn version_and_build(text: &str) -> (String, Option<String>) {
    let plain = |text: &str| text.replace(' ', "");
    let is_operator = |c: char| "=!|,<>~".contains(c);
    // The build is the longest end that holds no operator and stands behind a space or `=` which belongs to none.
    for (at, c) in text.char_indices().skip(1) {
        if !matches!(c, ' ' | '=') {
            continue;
        }
        let (version, build) = (&text[..at], &text[at + 1..]);
        let build_is_one = !build.trim().is_empty()
            && !build.contains(['-', '=', ',', '|', '<', '>', '~'])
            && !build.starts_with(' ');
        if build_is_one && !version.ends_with(is_operator) && !plain(version).ends_with(is_operator) {
            return (plain(version), Some(build.trim().to_owned()));
        }
    }
    (plain(text), None)
}

/// What conda makes of a version that begins with `=`.
fn sanitized(version: &str, has_build: bool) -> String {
    if matches!(version, "=" | "==") || !version.starts_with('=') {
        return version.to_owned();
    }
    let bare = version.trim_start_matches('=');
    if version.starts_with("==") && !has_build {
        return bare.to_owned();
    }
    if bare.contains(['=', ',', '|']) {
        return version.to_owned();
    }
    match has_build || bare.ends_with('*') {
        true => bare.to_owned(),
        false => format!("{bare}*"),
    }
}

/// Without spaces, and with the dot that conda puts before a `*` at the end.
fn normal_version(version: &str) -> String {
    let version = version.replace(' ', "");
    let mut normal = String::with_capacity(version.len());
    let mut rest = version.as_str();
    loop {
        let end = rest.find([',', '|']).unwrap_or(rest.len());
        let part = &rest[..end];
        normal.push_str(&normal_part(part));
        match rest[end..].chars().next() {
            Some(join) => {
                normal.push(join);
                rest = &rest[end + 1..];
            }
            None => return normal,
        }
    }
}

fn normal_part(part: &str) -> String {
    let has_operator = part.starts_with(['=', '<', '>', '!', '~', '^']);
    match part.strip_suffix('*') {
        Some(bare) if !has_operator && !bare.is_empty() && !bare.contains('*') && !bare.ends_with('.') => {
            format!("{bare}.*")
        }
        _ => part.to_owned(),
    }
}

/// conda's canonical text.
impl fmt::Display for MatchSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut brackets = Vec::new();
        if let Some(channel) = &self.channel {
            write!(f, "{channel}")?;
        }
        match (&self.channel, &self.subdir) {
            (Some(_), Some(subdir)) => write!(f, "/{subdir}")?,
            (None, Some(subdir)) => brackets.push(format!("subdir={subdir}")),
            _ => {}
        }
        if self.channel.is_some() {
            f.write_str("::")?;
        }
        f.write_str(&self.name)?;
        let is_exact = self.write_version(f, &mut brackets)?;
        if let Some(build) = &self.build {
            if build.contains(['>', '<', '$', '^', '|', ',']) {
                brackets.push(format!("build='{build}'"));
            } else if is_exact && !build.contains('*') {
                write!(f, "={build}")?;
            } else {
                brackets.push(format!("build={build}"));
            }
        }
        for (key, value) in &self.others {
            // The address is left out where the channel says it already.
            if *key == "url" && self.channel.is_some() {
                continue;
            }
            match value.contains([',', ' ', '=']) && !value.starts_with('[') {
                true => brackets.push(format!("{key}='{value}'")),
                false => brackets.push(format!("{key}={value}")),
            }
        }
        match brackets.is_empty() {
            true => Ok(()),
            false => write!(f, "[{}]", brackets.join(",")),
        }
    }
}

impl MatchSpec {
    /// Writes the version where it can stand outside the brackets; whether it is an exact one.
    fn write_version(
        &self,
        f: &mut fmt::Formatter<'_>,
        brackets: &mut Vec<String>,
    ) -> Result<bool, fmt::Error> {
        let Some(version) = self.version.as_deref() else {
            return Ok(false);
        };
        if version.contains(['>', '<', '$', '^', '|', ',']) {
            brackets.push(format!("version='{version}'"));
        } else if version.starts_with("!=") || version.starts_with("~=") {
            match self.build {
                Some(_) => brackets.push(format!("version='{version}'")),
                None => f.write_str(version)?,
            }
        } else if let Some(bare) = version.strip_suffix(".*") {
            write!(f, "={bare}")?;
        } else if version == "*" {
        } else if let Some(bare) = version.strip_suffix('*') {
            write!(f, "={bare}")?;
        } else if version.starts_with("==") {
            f.write_str(version)?;
            return Ok(true);
        } else {
            write!(f, "=={version}")?;
            return Ok(true);
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every expectation is what conda 26.7 makes of it.
    #[test]
    fn specs_are_spelled_as_conda_spells_them() {
        for (text, name, canonical) in [
            ("numpy", "numpy", "numpy"),
            ("NumPy", "numpy", "numpy"),
            ("numpy=1.2", "numpy", "numpy=1.2"),
            ("numpy=1.2.*", "numpy", "numpy=1.2"),
            ("numpy 1.2.*", "numpy", "numpy=1.2"),
            ("numpy==1.2", "numpy", "numpy==1.2"),
            ("numpy 1.2", "numpy", "numpy==1.2"),
            ("numpy 1.2 py39_0", "numpy", "numpy==1.2=py39_0"),
            ("numpy=1.2=py39_0", "numpy", "numpy==1.2=py39_0"),
            ("numpy=1.2=py39*", "numpy", "numpy==1.2[build=py39*]"),
            ("numpy>=1.2,<2", "numpy", "numpy[version='>=1.2,<2']"),
            ("numpy >=1.2, <2", "numpy", "numpy[version='>=1.2,<2']"),
            ("numpy!=1.2", "numpy", "numpy!=1.2"),
            ("numpy~=1.2", "numpy", "numpy~=1.2"),
            ("numpy * openblas_0", "numpy", "numpy[build=openblas_0]"),
            ("numpy[version='>=1']", "numpy", "numpy[version='>=1']"),
            ("conda-forge::numpy=1.2", "numpy", "conda-forge::numpy=1.2"),
            (
                "conda-forge/linux-64::numpy>=1.0",
                "numpy",
                "conda-forge/linux-64::numpy[version='>=1.0']",
            ),
            (
                "*/linux-64::foo>=1.0",
                "foo",
                "foo[subdir=linux-64,version='>=1.0']",
            ),
            (
                "foo[build=py2*,channel=conda-forge]",
                "foo",
                "conda-forge::foo[build=py2*]",
            ),
            ("foo[md5=abc]", "foo", "foo[md5=abc]"),
            ("python 3.9.*|3.10.*", "python", "python[version='3.9.*|3.10.*']"),
            ("python 3.1*", "python", "python=3.1"),
            ("foo # why", "foo", "foo"),
            ("numpy=", "numpy", "numpy"),
            ("numpy >=1.8,<2|==1.7", "numpy", "numpy[version='>=1.8,<2|==1.7']"),
            ("numpy (optional)", "numpy", "numpy"),
            (
                "foo >=1.0 , < 2.0 py34_0",
                "foo",
                "foo[version='>=1.0,<2.0',build=py34_0]",
            ),
            ("foo=1.2[build=x]", "foo", "foo=1.2[build=x]"),
            ("foo[version=1.2]", "foo", "foo==1.2"),
            ("foo[version==1.2]", "foo", "foo=1.2"),
            ("foo *", "foo", "foo"),
            ("foo 1.2 *", "foo", "foo==1.2[build=*]"),
            (
                "https://h.example/ch/linux-64::foo",
                "foo",
                "https://h.example/ch/linux-64::foo",
            ),
            ("foo=1.2.3=*_cuda", "foo", "foo==1.2.3[build=*_cuda]"),
            ("foo 1.*.3", "foo", "foo==1.*.3"),
            ("foo ^1.*$", "foo", "foo[version='^1.*$']"),
            ("foo==1.0.*", "foo", "foo=1.0"),
            ("foo>=1.0.*", "foo", "foo[version='>=1.0.*']"),
            ("foo !=1.2 b_0", "foo", "foo[version='!=1.2',build=b_0]"),
            ("foo-bar_baz.q 2", "foo-bar_baz.q", "foo-bar_baz.q==2"),
        ] {
            let spec = MatchSpec::parse(text);
            assert_eq!(
                (spec.name(), spec.to_string().as_str()),
                (name, canonical),
                "{text}"
            );
        }
    }
}
