//! What a proxy asks for with status 407 (RFC 9110, section 11.7.1).

/// The names of the ways to sign in that the values of `Proxy-Authenticate` offer, each once, in their order.
pub(in crate::repository) fn schemes<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in values {
        for part in outside_quotes(value) {
            if let Some(scheme) = scheme_at_start(part)
                && !found.iter().any(|known| known.eq_ignore_ascii_case(scheme))
            {
                found.push(scheme.to_owned());
            }
        }
    }
    found
}

/// A part is a scheme, a scheme with its first parameter, or a further parameter.
fn scheme_at_start(part: &str) -> Option<&str> {
    let part = part.trim();
    let end = part
        .find(|c: char| c.is_whitespace() || c == '=')
        .unwrap_or(part.len());
    let (word, rest) = part.split_at(end);
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-._~+".contains(c);
    let is_parameter = rest.trim_start().starts_with('=');
    (!word.is_empty() && word.len() <= 20 && word.chars().all(is_token) && !is_parameter).then_some(word)
}

/// The parts between commas that do not stand inside quotes.
fn outside_quotes(value: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in value.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_sign_in_are_found() {
        for (values, expected) in [
            (&["Basic realm=\"corp\""][..], &["Basic"][..]),
            (&["Negotiate", "NTLM"], &["Negotiate", "NTLM"]),
            (
                &["Negotiate, NTLM, Basic realm=\"a, Digest b\""],
                &["Negotiate", "NTLM", "Basic"],
            ),
            (&["Digest realm=\"x\", nonce=\"q==\", qop=\"auth\""], &["Digest"]),
            (&["NTLM TlRMTVNTUAAC=="], &["NTLM"]),
            (
                &["basic realm = \"x\\\", Digest\", charset = \"UTF-8\"", "Basic"],
                &["basic"],
            ),
            (&["", " , "], &[]),
        ] {
            assert_eq!(schemes(values.iter().copied()), expected, "{values:?}");
        }
    }
}
