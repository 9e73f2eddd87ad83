//! The whole configuration: every top-level option, defaults, and what must fit together.

use serde::de::Deserialize;

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::console::Console;
use crate::detect::options::Options;
use crate::fleet::options::StoreOptions;
use crate::identity::Identity;
use crate::identity::group::Group;
use crate::notify::channel::Channel;
use crate::notify::notice::links::Links;
use crate::notify::notice::service::Service;
use crate::notify::privacy::{Privacy, Users};
use crate::notify::subscription::Subscription;
use crate::plugin::config_error::ConfigError;
use crate::plugin::log_options::LogOptions;
use crate::plugin::struct_proto;
use crate::respond::options::Respond;
use crate::risk::policy::Policy;
use crate::secret::{FromEnv, Secret, Variable};
use crate::state::options::Memory;
use crate::watch::application::Application;
use crate::watch::honeypot::Honeypots;
use crate::watch::login::Logins;
use crate::watch::probing::Probing;
use crate::watch::routes::Routes;

/// The plugin's configuration. Everything may be left out: an empty one runs and logs.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Does it do anything?
    pub mode: Mode,
    on_missing_secret: OnMissingSecret,
    pub(super) key_env: Option<FromEnv>,
    /// Whose is an exchange?
    pub user: Identity,
    /// How much does it weigh?
    pub risk: Policy,
    /// How much is kept?
    pub memory: Memory,
    /// How much is logged?
    pub log: LogOptions,
    /// Whose proxy is it?
    pub service: Service,
    /// What is done about risky users?
    pub respond: Respond,
    /// Who is told?
    pub notify: Vec<Subscription>,
    /// What is an attack?
    pub detect: Options,
    /// Who is held to another measure?
    pub groups: Vec<Group>,
    /// How do people log in?
    pub login: Logins,
    /// What is searching for what is there?
    pub probing: Probing,
    /// What do routes take?
    pub routes: Routes,
    /// What does nobody use?
    pub honeypots: Honeypots,
    /// What does the application tell?
    pub application: Application,
    /// Who may look and act?
    pub admin: Option<Console>,
    /// What may others read of users?
    pub privacy: Privacy,
    /// Where do messages lead to?
    pub links: Links,
    /// Which store do the proxies of a fleet share?
    pub store: Option<StoreOptions>,
}

options! { Config {
    mode,
    on_missing_secret,
    key_env,
    user,
    risk,
    memory,
    log,
    service,
    respond,
    notify,
    detect,
    groups,
    login,
    probing,
    routes,
    honeypots,
    application,
    admin,
    privacy,
    links,
    store,
    ..Self::default()
} }

/// What the filter does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: requests pass unseen.
    Off,
    /// It detects, weighs and tells; the traffic is left alone.
    #[default]
    Monitor,
    /// It also responds: see `respond`.
    Protect,
    /// It detects and weighs, tells nobody, and says once a day what it would have told.
    Learn,
}

impl FromValue for Mode {
    fn read(tree: &Value) -> Result<Self, Error> {
        let wrong = |word| Err(Error::new(format!("`{word}` is not a mode; write off, monitor, protect or learn")));
        match (tree.switch(), tree) {
            (Some(false), _) => Ok(Self::Off),
            (Some(true), _) => wrong("on"),
            (None, Value::Text(word)) => match word.as_str() {
                "monitor" => Ok(Self::Monitor),
                "protect" => Ok(Self::Protect),
                "learn" => Ok(Self::Learn),
                word => wrong(word),
            },
            _ => Err(tree.is_not("off, monitor, protect or learn")),
        }
    }
}

/// What happens where a secret's variable is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OnMissingSecret {
    /// The configuration is refused.
    #[default]
    Refuse,
    /// The channel is left out, with a warning: a deleted secret must not stop the next proxy from starting.
    DisableChannel,
}

impl FromValue for OnMissingSecret {
    fn read(tree: &Value) -> Result<Self, Error> {
        tree.word(&[("refuse", Self::Refuse), ("disable_channel", Self::DisableChannel)])
    }
}

/// A configuration that runs, and what its operator should know.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What is not as the operator may think.
    pub warnings: Vec<ConfigError>,
}

impl Config {
    /// Reads what the proxy hands over: nothing, JSON text, or a `google.protobuf.Struct`. `lookup` knows the
    /// environment.
    ///
    /// # Errors
    /// The first mistake.
    pub fn load(bytes: &[u8], lookup: &dyn Fn(&str) -> Variable) -> Result<Loaded, ConfigError> {
        if bytes.is_empty() {
            return Self::default().complete(lookup);
        }
        match struct_proto::from_struct(bytes) {
            Some(tree) => Self::from_tree(&tree, lookup),
            None => Self::from_tree(&Value::from_json(bytes).map_err(ConfigError::of_option)?, lookup),
        }
    }

    /// Reads a configuration that was parsed already, from YAML for example.
    ///
    /// # Errors
    /// The first mistake.
    pub fn from_json(json: &serde_json::Value, lookup: &dyn Fn(&str) -> Variable) -> Result<Loaded, ConfigError> {
        let tree = Value::deserialize(json).map_err(|error| ConfigError::new("", error.to_string()))?;
        Self::from_tree(&tree, lookup)
    }

    fn from_tree(tree: &Value, lookup: &dyn Fn(&str) -> Variable) -> Result<Loaded, ConfigError> {
        if matches!(tree, Value::List(_)) {
            return Err(ConfigError::new(
                "",
                "the configuration is a list; write a mapping, for example mode: monitor",
            ));
        }
        Self::read(tree).map_err(ConfigError::of_option)?.complete(lookup)
    }

    /// The key of all hashes, if the operator set one.
    pub fn key(&self) -> Option<&Secret> {
        self.key_env.as_ref().and_then(FromEnv::value)
    }

    /// The variable that holds the key, if the operator named one.
    pub fn key_variable(&self) -> Option<&str> {
        self.key_env.as_ref().map(|key| key.variable.as_str())
    }

    /// Looks up the variables and checks what holds between options.
    fn complete(mut self, lookup: &dyn Fn(&str) -> Variable) -> Result<Loaded, ConfigError> {
        self.detect.check().map_err(|(option, message)| ConfigError::new(format!("detect.{option}"), message))?;
        self.risk.check().map_err(|(option, message)| ConfigError::new(format!("risk.{option}"), message))?;
        self.service.check().map_err(|(option, message)| ConfigError::new(format!("service.{option}"), message))?;
        self.links.check().map_err(|(option, message)| ConfigError::new(format!("links.{option}"), message))?;
        self.check_privacy()?;
        self.check_store()?;
        self.check_names()?;
        let mut warnings = Vec::new();
        if let Some(Err(message)) = self.key_env.as_mut().map(|key| key.resolve(lookup)) {
            let mistake = ConfigError::new("key_env", message);
            match self.on_missing_secret {
                OnMissingSecret::Refuse => return Err(mistake),
                OnMissingSecret::DisableChannel => warnings.push(mistake.but("a random key takes its place")),
            }
        }
        if let Some(Err((option, message))) = self.admin.as_mut().map(|admin| admin.resolve(lookup)) {
            let mistake = ConfigError::at("admin", option, message);
            match self.on_missing_secret {
                OnMissingSecret::Refuse => return Err(mistake),
                OnMissingSecret::DisableChannel => {
                    warnings.push(mistake.but("the admin path is off"));
                    self.admin = None;
                }
            }
        }
        self.resolve_store(lookup, self.on_missing_secret == OnMissingSecret::Refuse, &mut warnings)?;
        let mut kept = Vec::new();
        for (index, mut entry) in std::mem::take(&mut self.notify).into_iter().enumerate() {
            let channel = &mut entry.channel;
            channel.remember_repeat(self.risk.repeat_interval());
            let path = format!("notify[{index}].{}", channel.kind());
            match (resolve(channel, &path, lookup), self.on_missing_secret) {
                (Err(mistake), OnMissingSecret::Refuse) => return Err(mistake),
                (Err(mistake), OnMissingSecret::DisableChannel) => {
                    warnings.push(mistake.but("the channel is disabled"))
                }
                (Ok(()), _) => {
                    channel.check().map_err(|(option, message)| ConfigError::at(&path, option, message))?;
                    kept.push(entry);
                }
            }
        }
        self.notify = kept;
        Ok(Loaded { config: self, warnings })
    }

    /// Checks that hashes can be looked up.
    fn check_privacy(&self) -> Result<(), ConfigError> {
        let hashed = |users| users == Some(Users::Hashed);
        let own = self.notify.iter().position(|entry| hashed(entry.route.users()));
        let path = match (hashed(Some(self.privacy.users)), own) {
            _ if self.key_env.is_some() => return Ok(()),
            (true, _) => "privacy.users".to_owned(),
            (false, Some(index)) => format!("notify[{index}].users"),
            (false, None) => return Ok(()),
        };
        let why = "hashed needs key_env: with a random key nobody could look up who is meant, and each start would \
                   change all hashes; write for example key_env: USER_RISK_KEY";
        Err(ConfigError::new(path, why))
    }

    /// Checks that groups and channels have names of their own, and speak of no others. A channel without its secret
    /// keeps its name.
    fn check_names(&self) -> Result<(), ConfigError> {
        let channels: Vec<_> = self.notify.iter().map(|entry| entry.route.name()).collect();
        let groups: Vec<_> = self.groups.iter().map(Group::name).collect();
        for (what, names) in [("notify", &channels), ("groups", &groups)] {
            let again = |(at, name): &(usize, &Option<&str>)| {
                name.is_some() && names.iter().take(*at).any(|known| known == *name)
            };
            if let Some((index, Some(name))) = names.iter().enumerate().find(again) {
                return Err(ConfigError::new(
                    format!("{what}[{index}].name"),
                    format!("`{name}` is another's name already"),
                ));
            }
        }
        let (channels, groups): (Vec<_>, Vec<_>) =
            (channels.into_iter().flatten().collect(), groups.into_iter().flatten().collect());
        for (index, group) in self.groups.iter().enumerate() {
            let path = format!("groups[{index}]");
            group.check(&channels).map_err(|(option, message)| ConfigError::at(&path, option, message))?;
        }
        for (index, entry) in self.notify.iter().enumerate() {
            let path = format!("notify[{index}]");
            entry.route.check(&groups).map_err(|(option, message)| ConfigError::at(&path, option, message))?;
        }
        self.respond
            .check(&groups)
            .map_err(|(index, (option, message))| ConfigError::at(&format!("respond[{index}]"), option, message))
    }
}

fn resolve(channel: &mut Channel, path: &str, lookup: &dyn Fn(&str) -> Variable) -> Result<(), ConfigError> {
    channel.variables().into_iter().try_for_each(|(option, variable)| {
        variable.resolve(lookup).map_err(|message| ConfigError::at(path, option, message))
    })
}
