//! What is wrong with one plugin? All that is known without asking Envoy: errors and warnings, each with its place.

use user_risk_filter::plugin::config::{Config, Loaded, Mode};

use super::{mistakes, placement, reach, store, tls, vm};
use crate::manifest::document::Document;
use crate::manifest::resource::{Form, Kind, Plugin};
use crate::source::{self, Environment};

/// What is said of one plugin: each a JSON pointer into the document, and a text.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) errors: Vec<(String, String)>,
    pub(crate) warnings: Vec<(String, String)>,
    /// What the configuration comes to, if it can be loaded.
    pub(crate) config: Option<Config>,
}

impl Verdict {
    /// The verdict on a document that is the configuration itself.
    pub(super) fn on_configuration(document: &Document, environment: Environment) -> Self {
        let mut verdict = Self::default();
        let loaded = mistakes::all(&Form::Tree(document.value.clone()), &|variable| environment.of(variable));
        verdict.take(loaded, "", Kind::Filter);
        verdict
    }

    /// The verdict on one plugin of a document.
    pub(crate) fn on(document: &Document, plugin: &Plugin, environment: Environment) -> Self {
        let mut verdict = Self::default();
        let tree = &document.value;
        verdict.warnings.extend(vm::warnings(plugin).into_iter().map(|warning| (plugin.at.clone(), warning)));
        let odd = tls::warnings(tree, plugin).into_iter();
        verdict.warnings.extend(odd.map(|(index, warning)| (format!("{}/notify/{index}", plugin.at), warning)));
        let loaded = mistakes::all(&plugin.configuration, &|name| source::variable(plugin, environment, name));
        verdict.take(loaded, &plugin.at, plugin.kind);
        if let Some(config) = &verdict.config {
            let unheld = vm::unheld(plugin, config).map(|text| (format!("{}/respond", plugin.at), text));
            verdict.warnings.extend(unheld);
            for wrong in reach::unreachable(tree, plugin, &channels(config)) {
                let pointer = format!("{}/notify/{}/{}/cluster", plugin.at, wrong.index, wrong.kind);
                verdict.errors.push((pointer, wrong.text));
            }
            let store = config.store.as_ref().map(|store| store.redis.cluster.as_str());
            if let Some(text) = store.and_then(|cluster| store::mistake(tree, plugin, cluster)) {
                verdict.errors.push((format!("{}/store", plugin.at), format!("store: {text}")));
            }
            for placement::Misplaced { text, pointer, is_error } in placement::misplaced(tree, plugin, config) {
                let list = if is_error { &mut verdict.errors } else { &mut verdict.warnings };
                list.push((pointer, text));
            }
        }
        verdict
    }

    /// What the configuration does, in one sentence.
    pub(crate) fn summary(&self) -> Option<String> {
        self.config.as_ref().map(summary)
    }

    /// Takes in what loading came to. `base` is the pointer to the configuration.
    fn take(&mut self, loaded: Result<Loaded, Vec<mistakes::Mistake>>, base: &str, kind: Kind) {
        match loaded {
            Ok(Loaded { config, warnings }) => {
                self.warnings.extend(warnings.iter().map(|warning| (base.to_owned(), warning.to_string())));
                self.config = Some(config);
            }
            Err(mistakes) => {
                let text = |mistake: &mistakes::Mistake| in_words_of(kind, &mistake.text);
                let all = mistakes.iter().map(|mistake| (format!("{base}{}", mistake.pointer), text(mistake)));
                self.errors.extend(all);
            }
        }
    }
}

/// A message of the filter, which knows only Envoy's options, in those of the resource.
fn in_words_of(kind: Kind, message: &str) -> String {
    const ENVOYS: &str = "vm_config.environment_variables.host_env_keys";
    let variable = message.split("the variable ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("NAME");
    // Whether it is there is known here.
    let message = message.replace(", or, if it is there, set it where Envoy starts", "");
    if kind == Kind::Filter { message } else { message.replace(ENVOYS, &kind.variable_place(variable)) }
}

/// The channels of a configuration: index, kind, cluster.
pub(crate) fn channels(config: &Config) -> Vec<(usize, &'static str, &str)> {
    let channels = config.notify.iter().map(|entry| &entry.channel).enumerate();
    channels.map(|(index, channel)| (index, channel.kind(), channel.delivery().cluster)).collect()
}

fn summary(config: &Config) -> String {
    if config.mode == Mode::Off {
        return "mode off: the filter does nothing".to_owned();
    }
    if config.mode == Mode::Learn {
        return "mode learn: it scores and logs, notifies nobody, and reports once a day which incidents there would have been".to_owned();
    }
    let limits = config.risk.user_limits();
    let channels: Vec<_> =
        channels(config).into_iter().map(|(_, kind, cluster)| format!("{kind} (cluster {cluster})")).collect();
    let notified = if channels.is_empty() { "nobody, it is only logged".to_owned() } else { channels.join(", ") };
    format!("an increase of more than {} points within {} notifies {notified}", limits.threshold, config.risk.window())
}
