//! How do many users look in one message, on each channel?

use user_risk_filter::incident::snapshot::{IncidentId, Snapshot, Transition};
use user_risk_filter::risk::band::Band;

use crate::fixtures::{
    AT, alertmanager, digest, email, pagerduty, request_of, slack, snapshot, teams, webhook, webhook_of,
};
use crate::golden::{check_golden, indent};
use user_risk_filter::notify::rollup::IncidentMessage;

/// So many users who did the same, one of them worse.
fn many(count: u32, transition: Transition) -> IncidentMessage {
    let id = IncidentId(digest("many"));
    let mut message = IncidentMessage::new(id, count, transition, AT);
    for number in 0..count {
        let user = format!("user-{number}");
        let band = if number == 7 { Band::Critical } else { Band::Warning };
        message.add(&Snapshot { user, band, ..snapshot(Transition::Opened) });
    }
    message.complete()
}

#[test]
fn many_users_on_each_channel() {
    let opened = many(994, Transition::Opened);
    let ended = IncidentMessage::new(IncidentId(digest("many")), 994, Transition::Resolved, AT).complete();
    let rows = [
        ("webhook-many.json", webhook(), &opened),
        ("webhook-many-resolved.json", webhook(), &ended),
        ("slack-many.json", slack(), &opened),
        ("pagerduty-many.json", pagerduty(), &opened),
        ("pagerduty-many-resolved.json", pagerduty(), &ended),
        ("alertmanager-many.json", alertmanager(), &opened),
    ];
    for (file, channel, IncidentMessage { snapshot, rollup }) in rows {
        let body = String::from_utf8(request_of(&channel, snapshot, rollup.as_ref()).body).unwrap();
        check_golden(file, &indent(&body));
    }
}

/// Of the many none is muted, shown or called by the name that stands for all.
#[test]
fn nothing_leads_to_one_of_many() {
    let IncidentMessage { snapshot, rollup } = many(3, Transition::Opened);
    for channel in [
        webhook(),
        webhook_of("cloudevents"),
        webhook_of("sqreen"),
        slack(),
        teams(),
        pagerduty(),
        alertmanager(),
        email("postmark"),
    ] {
        let body = String::from_utf8(request_of(&channel, &snapshot, rollup.as_ref()).body).unwrap();
        assert!(body.contains("3 users rose over their thresholds"), "{body}");
        assert!(!body.contains("/mute") && !body.contains("admin/users/"), "{body}");
    }
}
