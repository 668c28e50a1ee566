//! The settings of the way to servers: whom conda and Sextant trust, proxies, offline mode.

use std::path::Path;

use iced::Element;
use iced::widget::column;

use crate::service::plan::short_path;
use crate::service::preferences::{CondaTrust, Field};
use crate::ui::button;
use crate::ui::check_box::check_box;
use crate::ui::form_field::FormField;
use crate::ui::pick::pick;
use crate::ui::segmented::segmented;
use crate::ui::style::Tone;
use crate::ui::{spacing, text};

use super::draft::ProxyKind;
use super::section::{Setting, note};
use super::{Message, Preferences};

impl Preferences {
    pub(super) fn connection(&self) -> Vec<Setting<'_>> {
        let offline = check_box(self.draft.is_offline)
            .explained_label(
                "Work offline",
                "No server is asked for anything. Anaconda Navigator works offline too.",
            )
            .id("preferences-offline");
        let offline = if self.is_locked(Field::Offline) {
            offline
        } else {
            offline.on_toggle(|is_on| Message::Toggled(Field::Offline, is_on))
        };
        let mut settings = vec![
            self.conda_trust(),
            self.ca_file(),
            self.setting(Field::Proxy, "Proxy", self.proxy()),
        ];
        if self.draft.proxy_kind != ProxyKind::Direct {
            let exceptions = self
                .text_field(
                    Field::NoProxy,
                    "preferences-no-proxy",
                    "localhost, .example.com",
                    &self.draft.no_proxy,
                )
                .hint("Servers that are reached without a proxy, as NO_PROXY lists them.");
            settings.push(self.setting(Field::NoProxy, "No proxy for", exceptions));
        }
        settings.push(self.setting(Field::Offline, "Offline mode", offline));
        settings
    }

    /// What conda checks is shown, and can be set back; Sextant's own checks are never off.
    fn conda_trust(&self) -> Setting<'_> {
        let options = self.trusts();
        let chosen = options
            .iter()
            .position(|trust| *trust == self.draft.conda_trust)
            .unwrap_or_default();
        let labels: Vec<String> = options.iter().map(|trust| self.trust_label(trust)).collect();
        let choose = move |index: usize| {
            Message::TrustChosen(options.get(index).cloned().unwrap_or(CondaTrust::Bundled))
        };
        let control: Element<'_, Message> = if self.is_locked(Field::CondaTrust) {
            text::body(self.trust_label(&self.draft.conda_trust)).into()
        } else {
            pick(labels, chosen, choose).id("preferences-conda-trust").into()
        };
        let mut setting = self.setting(Field::CondaTrust, "conda checks servers by", control);
        if self.draft.conda_trust == CondaTrust::Anybody {
            let back = button::small_link("Set back to true")
                .flush()
                .id("preferences-conda-trust-back")
                .on_press(Message::TrustChosen(CondaTrust::Bundled));
            setting.notes.push(back.into());
        }
        setting
    }

    /// What can be chosen; nothing that switches checks off, unless it is so already.
    pub(super) fn trusts(&self) -> Vec<CondaTrust> {
        let ca_file = self.draft.ca_file.as_str().trim();
        let file = (!ca_file.is_empty()).then(|| CondaTrust::File(ca_file.into()));
        let stored = self
            .shown
            .as_ref()
            .map(|shown| shown.settings.conda_trust.clone());
        let mut options = vec![CondaTrust::Bundled, CondaTrust::System];
        for trust in file
            .into_iter()
            .chain(stored)
            .chain([self.draft.conda_trust.clone()])
        {
            if !options.contains(&trust) {
                options.push(trust);
            }
        }
        options
    }

    fn trust_label(&self, trust: &CondaTrust) -> String {
        match trust {
            CondaTrust::Bundled => "true: its own list of authorities".to_owned(),
            CondaTrust::System => "truststore: the list of this system".to_owned(),
            CondaTrust::File(path) => {
                let path: &Path = path;
                format!("the file {}", short_path(path, &self.home))
            }
            CondaTrust::Anybody => "false: not at all".to_owned(),
        }
    }

    fn ca_file(&self) -> Setting<'_> {
        let draft = &self.draft;
        let has_server = !draft.server.as_str().trim().is_empty();
        let field = if has_server {
            self.text_field(
                Field::CaFile,
                "preferences-ca-file",
                "/path/to/authority.pem",
                &draft.ca_file,
            )
            .hint("Your organisation's authority, in PEM. For this server it is trusted beside those of the system.")
        } else {
            FormField::new("", "")
                .id("preferences-ca-file")
                .hint("It belongs to the server; set the domain first.")
        };
        self.setting(Field::CaFile, "CA file of the server", field)
    }

    fn proxy(&self) -> Element<'_, Message> {
        let mut kinds = vec![ProxyKind::System, ProxyKind::Direct, ProxyKind::Own];
        if self.draft.has_per_scheme_proxy() {
            kinds.push(ProxyKind::PerScheme);
        }
        let choice = segmented(kinds, self.draft.proxy_kind, Message::ProxyChosen)
            .id("preferences-proxy-kind")
            .enabled(!self.is_locked(Field::Proxy));
        let below: Option<Element<'_, Message>> = match self.draft.proxy_kind {
            ProxyKind::System => Some(note(
                Tone::Neutral,
                "As conda's proxy_servers, the environment and the operating system say.",
            )),
            ProxyKind::Direct => Some(note(
                Tone::Neutral,
                "Every server is reached directly, whatever others say.",
            )),
            ProxyKind::PerScheme => Some(note(
                Tone::Neutral,
                "One for http and one for https, as preferences.toml has them.",
            )),
            ProxyKind::Own => Some(
                self.text_field(
                    Field::Proxy,
                    "preferences-proxy",
                    "http://proxy.example.com:3128",
                    &self.draft.proxy,
                )
                .into(),
            ),
        };
        column![choice, below].spacing(spacing::S).into()
    }
}
