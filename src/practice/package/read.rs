//! `info/index.json` of an archive that somebody sent.

use std::io::{Cursor, Read};
use std::path::Path;

use bzip2::read::BzDecoder;
use serde_json::{Map, Value};

use super::Form;

/// Nothing for what is no package.
pub(super) fn index(bytes: &[u8], form: Form) -> Option<Map<String, Value>> {
    match form {
        Form::TarBz2 => of_tar(BzDecoder::new(bytes)),
        Form::Conda => {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
            let is_info = |name: &str| name.starts_with("info-") && name.ends_with(".tar.zst");
            let names = archive.file_names().filter_map(Result::ok);
            let name = names
                .map(std::borrow::Cow::into_owned)
                .find(|name| is_info(name))?;
            let member = archive.by_name(&name).ok()?;
            of_tar(zstd::Decoder::new(member).ok()?)
        }
    }
}

fn of_tar(bytes: impl Read) -> Option<Map<String, Value>> {
    let mut archive = tar::Archive::new(bytes);
    for entry in archive.entries().ok()? {
        let entry = entry.ok()?;
        if *entry.path().ok()? == *Path::new("info/index.json") {
            return serde_json::from_reader(entry).ok();
        }
    }
    None
}
