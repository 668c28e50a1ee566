//! An option in Navigator's file.

use std::path::Path;

use super::{value, wrong};
use crate::navigator::options::{self, OptionForm};
use crate::navigator::{Generation, Literal, NavigatorFile};
use crate::service::ServiceError;
use crate::service::configuration::reading::{split_navigator, unknown};
use crate::service::configuration::{ConfigurationError, ConfigurationFile};

pub(super) fn changed(
    path: &Path,
    bytes: Option<&[u8]>,
    key: &str,
    value: Option<&str>,
    generation: Option<Generation>,
) -> Result<Vec<u8>, ServiceError> {
    let in_file = ServiceError::in_navigator(path);
    let mut file = match bytes {
        Some(bytes) => NavigatorFile::parse(bytes).map_err(&in_file)?,
        None => NavigatorFile::empty(),
    }
    .with_generation(generation);
    let (section, name) = split_navigator(key);
    if options::known(section, &name).is_none() && file.option(section, &name).is_none() {
        return Err(unknown(ConfigurationFile::Navigator, &format!("{section}.{name}")).into());
    }
    match value {
        Some(text) => {
            let literal = literal(section, &name, text)?;
            file.set_option(section, &name, &literal).map_err(&in_file)?;
        }
        None => {
            file.remove_option(section, &name).map_err(&in_file)?;
        }
    }
    Ok(file.bytes())
}

/// A text that is typed with or without quotes.
pub(super) fn plain(text: &str) -> String {
    match Literal::read(text.trim()) {
        Literal::Text(inner) => inner,
        _ => text.trim().to_owned(),
    }
}

fn literal(section: &str, name: &str, text: &str) -> Result<Literal, ConfigurationError> {
    let text = text.trim();
    let key = format!("{section}.{name}");
    let read = Literal::read(text);
    let Some(known) = options::known(section, name) else {
        return Ok(read);
    };
    let is_none = text.is_empty() || text.eq_ignore_ascii_case("none") || text.eq_ignore_ascii_case("null");
    let literal = match known.form {
        OptionForm::Switch => match value::switch(text) {
            Some(switch) => Literal::Bool(switch),
            None => return Err(wrong(&key, text, "True or False")),
        },
        OptionForm::Number => read,
        OptionForm::List if is_none => Literal::None,
        OptionForm::List => {
            let items = value::list(text).ok_or_else(|| wrong(&key, text, "a list such as [a, b]"))?;
            Literal::List(items.into_iter().map(Literal::Text).collect())
        }
        _ if is_none && known.form != OptionForm::Text => Literal::None,
        // Navigator wants no slash at the end of an address.
        OptionForm::Address => Literal::Text(plain(text).trim_end_matches('/').to_owned()),
        _ => Literal::Text(plain(text)),
    };
    match known.refused(&literal) {
        Some(expected) => Err(wrong(&key, text, expected)),
        None => Ok(literal),
    }
}
