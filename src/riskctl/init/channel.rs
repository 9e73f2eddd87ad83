//! What does a channel need? Its options, its cluster and the variable that holds its secret.

use clap::ValueEnum;

/// A channel to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Channel {
    Slack,
    Teams,
    Email,
    Pagerduty,
    Alertmanager,
    Webhook,
}

impl Channel {
    /// The host and port that it talks to.
    pub(super) const fn host(self) -> (&'static str, u16) {
        match self {
            Self::Slack => ("hooks.slack.com", 443),
            // Of the workflow's address.
            Self::Teams => ("example.westeurope.logic.azure.com", 443),
            Self::Email => ("api.sendgrid.com", 443),
            Self::Pagerduty => ("events.pagerduty.com", 443),
            Self::Alertmanager => ("alertmanager.example.com", 443),
            Self::Webhook => ("hooks.example.com", 443),
        }
    }

    /// Is the host one to replace?
    pub(super) fn is_example(self) -> bool {
        self.host().0.contains("example")
    }

    /// The cluster's name in an Envoy file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Email => "mail",
            Self::Pagerduty => "pagerduty",
            Self::Alertmanager => "alertmanager",
            Self::Webhook => "webhook",
        }
    }

    /// The variable with its secret.
    pub(super) const fn variable(self) -> &'static str {
        match self {
            Self::Slack => "SLACK_WEBHOOK_URL",
            Self::Teams => "TEAMS_WORKFLOW_URL",
            Self::Email => "MAIL_API_KEY",
            Self::Pagerduty => "PAGERDUTY_ROUTING_KEY",
            Self::Alertmanager => "ALERTMANAGER_AUTHORIZATION",
            Self::Webhook => "RISK_WEBHOOK_SECRET",
        }
    }

    /// What the secret is.
    pub(super) const fn secret(self) -> &'static str {
        match self {
            Self::Slack => "the address of an incoming webhook",
            Self::Teams => "the address of a workflow that posts what its webhook receives",
            Self::Email => "the key of the provider's API",
            Self::Pagerduty => "the integration key of a service (Events API v2)",
            Self::Alertmanager => "the value of the Authorization header",
            Self::Webhook => "whsec_$(openssl rand -base64 32), the same as the receiver's",
        }
    }

    /// Its entry under `notify`, to the cluster of this name.
    pub(super) fn entry(self, cluster: &str) -> String {
        let variable = self.variable();
        match self {
            Self::Slack => format!("slack: {{cluster: {cluster}, url_env: {variable}}}"),
            Self::Teams => format!("teams: {{cluster: {cluster}, url_env: {variable}}}"),
            Self::Email => format!(
                "email: {{cluster: {cluster}, provider: sendgrid, key_env: {variable}, from: risk@example.com, to: [team@example.com]}}"
            ),
            Self::Pagerduty => format!("pagerduty: {{cluster: {cluster}, routing_key_env: {variable}}}"),
            Self::Alertmanager => format!(
                "alertmanager: {{cluster: {cluster}, url: \"https://{}\", authorization_env: {variable}}}",
                self.host().0
            ),
            Self::Webhook => {
                format!(
                    "webhook: {{cluster: {cluster}, url: \"https://{}/risk\", secret_env: {variable}}}",
                    self.host().0
                )
            }
        }
    }
}
