//! How much work may the scan of an exchange cost? A constant and a share for each byte that arrived; every field has its own part.
//!
//! Work is counted in nanoseconds of V8, as far as `cost` can tell beforehand. What it costs to take a request apart and to run each
//! value through the gate is linear in the request and not counted.

/// What any exchange may cost.
const START: i64 = 20_000_000;
/// What each byte of a field earns it.
const BYTE: i64 = 66;
/// What a byte that arrived may cost: a little more, as pieces of long values overlap and some values are shown in two ways.
const ARRIVED: i64 = 70;
/// What stands around a field on the wire, in bytes: quotes, a comma, a name.
const AROUND: usize = 3;
/// What so many bytes of a field earned pays for no other one.
const SHORT: usize = 128;
/// A field takes so many of the work that others left over, at most.
const SHARE: i64 = 2;

/// The budget of one exchange.
///
/// ```text
/// arrive ──→ unclaimed ──begin: what its own bytes earned──→ field ──take, charge──→ spent
///            left over ──begin: half of it───────────────────→│
///               ↑─────────────────end: the rest of it─────────┘
/// ```
///
/// So what its own bytes earned is a field's alone: nothing before it can use that up, unless the body unpacks to more than it was.
#[derive(Debug)]
pub(super) struct Budget {
    /// What arrived and no field has claimed yet.
    unclaimed: i64,
    /// What fields left over. Below zero, the next ones pay for those before them: long ones, and what short ones leave over.
    left_over: i64,
    /// What the field that is looked at may still cost.
    field: i64,
    spent: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { unclaimed: 0, left_over: START, field: 0, spent: 0 }
    }
}

impl Budget {
    /// So many bytes arrived on the wire.
    pub(super) fn arrive(&mut self, bytes: usize) {
        self.unclaimed = self.unclaimed.saturating_add(work(bytes).saturating_mul(ARRIVED));
    }

    /// A field of so many bytes is looked at.
    pub(super) fn begin(&mut self, bytes: usize) {
        let own = work(bytes + AROUND).saturating_mul(BYTE).min(self.unclaimed);
        self.unclaimed -= own;
        let kept = work(bytes.min(SHORT) + AROUND).saturating_mul(BYTE).min(own);
        let more = if self.left_over > 0 { self.left_over / SHARE } else { self.left_over.max(kept - own) };
        self.left_over -= more;
        self.field = own + more;
    }

    /// The field has been looked at.
    pub(super) fn end(&mut self) {
        self.left_over += std::mem::take(&mut self.field);
    }

    /// Takes so much work for what is to be done, if the field has that much left.
    pub(super) fn take(&mut self, work: u64) -> bool {
        let is_enough = self.left() >= work;
        if is_enough {
            self.charge(work);
        }
        is_enough
    }

    /// What the field has left.
    pub(super) fn left(&self) -> u64 {
        u64::try_from(self.field).unwrap_or(0)
    }

    /// Charges what has been done: the field may come to owe something, which the next ones pay.
    pub(super) fn charge(&mut self, work: u64) {
        self.field = self.field.saturating_sub_unsigned(work);
        self.spent = self.spent.saturating_add(work);
    }

    /// All that was charged.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }
}

fn work(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A budget of which fields have left nothing over.
    fn drained() -> Budget {
        Budget { left_over: 0, ..Budget::default() }
    }

    #[test]
    fn work_is_linear_in_what_arrived() {
        for bytes in [0, 1_000, 100_000, 1 << 20] {
            let mut budget = Budget::default();
            budget.arrive(bytes);
            for _ in 0..=bytes / 10 {
                budget.begin(10);
                while budget.take(1_000) {}
                budget.end();
            }
            let most = START.unsigned_abs() + ARRIVED.unsigned_abs() * bytes as u64;
            assert!(budget.spent() <= most, "{} for {bytes} bytes", budget.spent());
        }
    }

    #[test]
    fn no_field_uses_up_what_another_one_earned() {
        let mut budget = drained();
        budget.arrive(1_000 + 100 + 2 * AROUND);
        budget.begin(1_000);
        while budget.take(1) {}
        budget.end();
        budget.begin(100);
        assert_eq!(budget.left(), (100 + AROUND as u64) * BYTE.unsigned_abs());
    }

    #[test]
    fn what_is_left_over_is_shared() {
        let mut budget = Budget::default();
        for _ in 0..20 {
            budget.begin(0);
            assert!(budget.left() > 0);
            while budget.take(1_000) {}
            budget.end();
        }
    }

    #[test]
    fn what_unpacks_to_more_than_it_was_earns_nothing_more() {
        let mut budget = drained();
        budget.arrive(1_000);
        for _ in 0..100 {
            budget.begin(1_000);
            budget.charge(budget.left());
            budget.end();
        }
        assert_eq!(budget.spent(), 1_000 * ARRIVED.unsigned_abs());
    }

    #[test]
    fn a_debt_is_paid_by_long_values_and_by_what_short_ones_leave_over() {
        let own = |bytes: usize| (bytes + AROUND) as u64 * BYTE.unsigned_abs();
        // What is owed; how long the next values are; what each of them has.
        let rows: [(u64, &[(usize, u64)]); 3] = [
            (own(100) + 1, &[(100, own(100)), (100, own(100)), (100, own(100) + (own(100) - 1) / 2)]),
            (own(1_000), &[(1_000, own(SHORT)), (100, own(100))]),
            (1, &[(1_000, own(1_000) - 1)]),
        ];
        for (debt, values) in rows {
            let mut budget = drained();
            budget.arrive(4_000);
            budget.begin(0);
            budget.charge(own(0) + debt);
            budget.end();
            for (bytes, expected) in values {
                budget.begin(*bytes);
                assert_eq!(budget.left(), *expected, "{debt} owed, {bytes} bytes");
                budget.end();
            }
        }
    }
}
