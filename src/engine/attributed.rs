//! Whose is what was found: who is a party of the exchange, what are they held to, and who is told of them?

use crate::detect::detection::Whose;
use crate::engine::account::{Ignored, Party, without_port};
use crate::engine::facts::Facts;
use crate::identity::Attribution;
use crate::identity::group::Group;
use crate::identity::source::Named;
use crate::incident::audience::Audience;
use crate::incident::strength::Strength;
use crate::incident::user::User;
use crate::keyed_hash::Digest;
use crate::risk::crossing::Limits;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// Who a party is, what they are held to, and who is notified of them.
pub(super) struct Attributed {
    pub(super) user: User,
    /// Who they are where it counts how many do something: of names that clients invent, the address.
    pub(super) someone: Digest,
    pub(super) limits: Limits,
    pub(super) audience: Audience,
    /// What messages may show of the address that the request came from; nothing where the user is one, or somebody else.
    pub(super) address: String,
}

impl<C: Cells> Turn<'_, C> {
    /// Who the party is; none where it is nobody's, or the operator ignores them, which the party then says.
    pub(super) fn attribute(
        &self,
        tables: &Tables,
        facts: Facts<'_>,
        address: &[u8],
        party: &mut Party,
    ) -> Result<Option<Attributed>, Failure> {
        let (config, cells) = (&self.worker.config, &self.worker.cells);
        Ok(match config.user.attribute(facts.head, facts.proxy, address, &party.whose, &tables.key) {
            Attribution::User(named) => Some(self.named(tables, facts, address, &party.whose, named)?),
            Attribution::Address(user) => {
                let window = config.risk.window().duration();
                let is_shared = tables.shared_addresses.is_shared(cells, user.id, window, self.now)?;
                let audience = Audience { is_shared, ..Audience::default() };
                let (limits, someone) = (config.risk.anonymous_limits(), user.id);
                Some(Attributed { user, someone, limits, audience, address: String::new() })
            }
            Attribution::Ignored(user) => {
                party.ignored = Some(Ignored(user));
                None
            }
            Attribution::Nobody => None,
        })
    }

    /// A named user with the limits and the audience of their group. Remembers that they did something from this address.
    fn named(
        &self,
        tables: &Tables,
        facts: Facts<'_>,
        address: &[u8],
        whose: &Whose,
        named: Named,
    ) -> Result<Attributed, Failure> {
        let config = &self.worker.config;
        let (policy, is_own) = (&config.risk, *whose == Whose::Exchange);
        let is_vouched = named.user.strength == Strength::Vouched;
        let address_id = config.user.address_id(address, &tables.key);
        // Names that clients invent would make any address a shared one, which is never blocked.
        if is_own
            && is_vouched
            && let Some(address) = address_id
        {
            let window = policy.window().duration();
            tables.shared_addresses.record(&self.worker.cells, address, named.user.id, window, self.now)?;
        }
        let someone = address_id.filter(|_| !is_vouched).unwrap_or(named.user.id);
        // The token is the exchange's: it says nothing of somebody else.
        let payload = is_own.then(|| config.user.payload());
        let group = Group::of(&config.groups, &named, facts.proxy, payload, self.now);
        let limits = group.and_then(Group::threshold).map_or_else(|| policy.user_limits(), |own| policy.limits_of(own));
        let audience = Audience {
            channels: group.and_then(|group| group.notify.clone()),
            group: group.and_then(Group::name).map(str::to_owned),
            ..Audience::default()
        };
        let address = if is_own { config.privacy.shown_address(&without_port(address)) } else { String::new() };
        Ok(Attributed { user: named.user, someone, limits, audience, address })
    }
}
