//! Is what `riskctl init` writes good as it is? Every proxy with every kind of user and every channel.

use std::fs;
use std::path::Path;

use super::riskctl;

#[test]
fn what_is_written_passes_the_check() {
    for proxy in ["envoy", "istio", "envoy-gateway"] {
        for user in ["header:X-Account", "jwt", "cookie:sid", "none"] {
            for notify in ["slack,teams,email,pagerduty,alertmanager,webhook", ""] {
                let name = format!("{proxy} {user} {notify}");
                let arguments = ["init", "--for", proxy, "--user", user, "--notify", notify, "--threshold", "25"];
                let arguments: Vec<_> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
                let arguments =
                    if notify.is_empty() { &[&arguments[..5], &arguments[6..]].concat() } else { &arguments };
                let (code, text, err) = riskctl(arguments, &[], "");
                assert_eq!(code, 0, "{name}: {err}");
                let monitored = text.replace("mode: learn", "mode: monitor");
                let (code, out, _) = riskctl(&["check", "-"], &[], &monitored);
                assert!(
                    code == 0 && out.starts_with("ok: -: ") && out.contains("more than 25 points"),
                    "{name}: {out}\n{text}"
                );
                let told = if notify.is_empty() { vec!["slack"] } else { notify.split(',').collect() };
                assert!(told.iter().all(|channel| out.contains(&format!("{channel} (cluster "))), "{name}: {out}");
                assert_eq!(
                    text.contains("remove: x-account") || text.contains("remove: [x-account]"),
                    user.starts_with("header"),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn nothing_is_overwritten_and_nonsense_is_refused() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init.yaml");
    let _ = fs::remove_file(&file);
    let arguments = ["init", "--for", "envoy", "-o", file.to_str().unwrap()];
    let (code, out, err) = riskctl(&arguments, &[], "");
    assert!(code == 0 && out.is_empty() && err.starts_with("wrote "), "{out}{err}");
    let (code, _, err) = riskctl(&arguments, &[], "");
    assert!(code == 2 && err.contains("File exists"), "{err}");
    let (code, _, err) = riskctl(&["init", "--user", "name"], &[], "");
    assert!(
        code == 2 && err.contains("`name` names no user; write header:x-user-id, jwt, cookie:sid or none"),
        "{err}"
    );
}
