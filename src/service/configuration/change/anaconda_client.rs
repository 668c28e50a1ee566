//! A setting in anaconda-client's `config.yaml`.

use std::path::Path;

use serde_yaml::Value;

use super::{value, wrong};
use crate::edit::yaml::YamlFile;
use crate::service::ServiceError;
use crate::service::configuration::reading::unknown;
use crate::service::configuration::{ConfigurationError, ConfigurationFile, known_key};

const FILE: ConfigurationFile = ConfigurationFile::AnacondaClient;

pub(super) fn changed(
    path: &Path,
    bytes: Option<&[u8]>,
    key: &str,
    value: Option<&str>,
) -> Result<Vec<u8>, ServiceError> {
    let in_file = ServiceError::in_condarc(path);
    let mut file = match bytes {
        Some(bytes) => YamlFile::parse(bytes).map_err(&in_file)?,
        None => YamlFile::empty(),
    };
    let names: Vec<&str> = key.split('.').collect();
    if !is_known(&names) && file.at(&names).is_none() {
        return Err(unknown(FILE, key).into());
    }
    match value {
        Some(text) => {
            let value = value_of(key, &names, text)?;
            file.set_at(&names, &value).map_err(&in_file)?;
        }
        None => {
            file.remove_at(&names).map_err(&in_file)?;
        }
    }
    Ok(file.bytes())
}

fn is_known(names: &[&str]) -> bool {
    match names {
        ["sites", site] => !site.is_empty(),
        ["sites", site, own] => !site.is_empty() && *own != "sites" && known_key(FILE, own).is_some(),
        [own] => known_key(FILE, own).is_some(),
        _ => false,
    }
}

fn value_of(key: &str, names: &[&str], text: &str) -> Result<Value, ConfigurationError> {
    let text = text.trim();
    let own = names.last().copied().unwrap_or_default();
    let is_map = matches!(names, ["sites"] | ["sites", _]);
    let value = match own {
        _ if is_map => value::whole(text).filter(Value::is_mapping).ok_or_else(|| {
            wrong(
                key,
                text,
                "a map such as {lab: {url: 'https://repo.example.com/api'}}",
            )
        })?,
        "auto_register" => value::switch(text)
            .map(Value::Bool)
            .ok_or_else(|| wrong(key, text, "true or false"))?,
        "ssl_verify" | "verify_ssl" => match text {
            "null" | "~" => Value::Null,
            // 1.1 is no path, and no switch either.
            _ => value::switch(text).map_or_else(|| Value::String(text.to_owned()), Value::Bool),
        },
        "default_site" | "upload_user" if matches!(text, "null" | "~" | "") => Value::Null,
        "url" if !text.starts_with("http://") && !text.starts_with("https://") => {
            return Err(wrong(
                key,
                text,
                "an address such as https://repo.example.com/api/",
            ));
        }
        "url" | "default_site" | "upload_user" => Value::String(text.to_owned()),
        _ => value::whole(text).unwrap_or_else(|| value::single(text)),
    };
    Ok(value)
}
