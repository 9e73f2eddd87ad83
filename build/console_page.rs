//! How do the files of `src/console/page` become the one page that the console serves? Style and script go into the HTML, the
//! whole is packed, and the policy names both by their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Where the files are.
pub(crate) const FOLDER: &str = "src/console/page";

/// The script, in the order in which it is read: one script, in parts that fit on a screen or two.
const SCRIPT: &[&str] = &["api.js", "dom.js", "draw.js", "list.js", "user.js", "order.js", "health.js", "main.js"];

/// Writes `page.html.gz` and `page.rs`, which has the page's Content-Security-Policy.
pub(crate) fn generate(root: &Path, out: &Path) -> Result<(), String> {
    let read = |name: &str| {
        fs::read_to_string(root.join(FOLDER).join(name)).map_err(|error| format!("{FOLDER}/{name}: {error}"))
    };
    let script = SCRIPT.iter().map(|name| read(name)).collect::<Result<Vec<_>, _>>()?.concat();
    let (style, page) = (read("page.css")?, read("index.html")?);
    for (name, text, end) in [("the script", &script, "</script"), ("page.css", &style, "</style")] {
        if text.contains(end) {
            return Err(format!("{FOLDER}: {name} contains `{end}`, where it would end"));
        }
    }
    let page = page
        .replace("<style></style>", &format!("<style>{style}</style>"))
        .replace("<script></script>", &format!("<script>{script}</script>"));
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(&script),
        hash(&style)
    );
    let code = format!(
        "const POLICY: &str = {policy:?};\n\
         const PACKED: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/page.html.gz\"));\n"
    );
    let write = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).map_err(|error| format!("{name}: {error}"));
    write("page.html.gz", &packed(page.as_bytes()).map_err(|error| error.to_string())?)?;
    write("page.rs", code.as_bytes())
}

fn packed(page: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(page)?;
    encoder.finish()
}

/// A source of the policy: `sha256-…`.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
