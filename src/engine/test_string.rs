//! Does the test string open an incident? The second one of a user does, whatever the threshold, but not at any time.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::detect::category::Category;
use crate::incident::user::User;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::state::Worker;
use crate::worker::tables::Tables;

/// Two test strings within this time open an incident, and none for [`TEST_PERIOD`] after it.
const TEST_PAIR: Duration = Duration::from_secs(60);
const TEST_PERIOD: Duration = Duration::from_secs(60 * 60);

impl<C: Cells> Worker<C> {
    /// Is it the second test string of the user, shortly after the first? Then it opens an incident, so that the whole chain
    /// can be tried without a user; but no more than one in a while, or a client could open as many as it likes.
    pub(super) fn is_second_test(&self, tables: &Tables, user: &User, now: Timestamp) -> Result<bool, Failure> {
        let Some(record) = tables.ledger.read(&self.cells, user.id)? else { return Ok(false) };
        let is_second = record.last_of(Category::Test).is_some_and(|last| now.since(last) <= TEST_PAIR);
        if !is_second || record.open().is_some() {
            return Ok(false);
        }
        tables.may_open_test(&self.cells, TEST_PERIOD, now)
    }
}
