//! Is multipart read as the laxest server reads it?

use super::body_fields;

const DECLARED: &str = "multipart/form-data; boundary=\"b c\"";
const PART: &str = "--b c\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n";

/// The body comes to these fields, wherever the chunks end.
fn check(content_type: &str, body: &str, expected: &[&str]) {
    let whole = body_fields(content_type, 1 << 20, &[body.as_bytes()]);
    assert_eq!(whole.0, *expected, "{}", body.escape_debug());
    for size in [1, 2, 5] {
        let chunks: Vec<_> = body.as_bytes().chunks(size).collect();
        assert_eq!(body_fields(content_type, 1 << 20, &chunks), whole, "{} in {size}", body.escape_debug());
    }
}

/// A part of a body that declares the boundary `b`.
fn part(disposition: &str, rest: &str) -> String {
    format!("--b\nContent-Disposition: form-data; {disposition}\n{rest}")
}

const B: &str = "multipart/form-data; boundary=b";

#[test]
fn delimiters_end_parts_however_the_lines_end() {
    check(DECLARED, &format!("{PART}one\r\ntwo\r\n--b c--\r\n"), &["form:n=one\\r\\ntwo"]);
    check(DECLARED, &format!("{PART}one\r\n{PART}two"), &["form:n=one", "form:n=two"]);
    check(DECLARED, &format!("{PART}one\r\n{PART}two").replace('\r', ""), &["form:n=one", "form:n=two"]);
    check(DECLARED, &format!("{PART}one\r\n{PART}two").replace('\n', ""), &["form:n=one", "form:n=two"]);
    check(DECLARED, &format!("{PART}one\rtwo\r\n{PART}two"), &["form:n=one\\rtwo", "form:n=two"]);
    check("", &format!("{PART}one"), &["form:n=one"]);
    check("multipart/form-data; boundary=other", &format!("{PART}one"), &["form:n=one"]);
    check(DECLARED, PART, &[]);
    check(DECLARED, "--b c\n<svg>\n--b c--", &["text:=<svg>"]);
}

#[test]
fn nothing_hides_behind_a_preamble_or_another_boundary() {
    let payload = part("name=a; filename=k.php", "\nx\n--b--\n");
    let found = ["filename:a=k.php", "upload:a=x"];
    let with = |before: &'static str, after: &[&'static str]| [&[before][..], &found, after].concat();
    check(B, &format!("p\r\n{payload}"), &with("text:=p", &[]));
    check(B, &format!("--fake\r\n{payload}"), &with("text:=--fake", &[]));
    check(B, &format!("--fake\r\n\r\n--fake--\n{payload}"), &with("text:=--fake\\r\\n\\r\\n--fake--", &[]));
    let two = "multipart/form-data; boundary=zz; boundary=b";
    // Which of the two counts, not all servers agree: what is a file's for one is a field's for another.
    check(two, &format!("--zz\r\n\r\nx\r\n--zz--\r\n{payload}"), &with("form:=x", &["form:a=x"]));
    let continued = "multipart/form-data; boundary*0=zz; boundary*=us-ascii''b";
    check(continued, &format!("--zz\r\n\r\nx\r\n{payload}"), &with("form:=x", &["form:a=x"]));
    let fake = part("name=c", "\nd\n--other\nContent-Disposition: form-data; name=\"e\"\n\nf\n--b--");
    check(B, &fake, &["form:c=d", "form:e=f"]);
    check(B, &part("name=c", "\n-- a list\n--\n--x"), &["form:c=-- a list\\n--\\n--x"]);
}

#[test]
fn headers_of_a_part_are_read_in_each_spelling() {
    check(B, &part("name=a;filename=b.txt", "\nc"), &["filename:a=b.txt", "upload:a=c"]);
    check(B, &part("name=\"a\\\"<b\"", "\nc"), &["form:a\\\"<b=a\\\"<b", "form:a\\\"<b=c"]);
    check(
        B,
        &part("filename=\"C:\\x;y\";  name = a ", "\n\0\x01"),
        &["filename:a=C:\\\\x;y", "binary:a=\\x00\\x01", "form:a=\\x00\\x01"],
    );
    check(B, &part("name=a; filename*=UTF-8''%3Cb", "X-Any: ${b}\n\n"), &["filename:a=%3Cb", "form:x-any=${b}"]);
    check(
        B,
        &part("name=a; filename*0=\"k.\"; filename*1=\"php\"", "\n"),
        &["filename:a=k.", "filename:a=php", "filename:a=k.php"],
    );
    check(
        B,
        &part("name=a; filename=\"=?utf-8?Q?k=2ejsp?=\"", "\nx"),
        &["filename:a=k.jsp", "filename:a==?utf-8?Q?k=2ejsp?=", "upload:a=x"],
    );
    check(B, &part("name=\n a", "\nb"), &["form:a=b"]);
    check(B, "--b\rContent-Disposition: form-data;\rname=a\r\rc", &["form:a=c"]);
    check(B, "--b\nContent-Dispo\0sition: form-data; name=a\n\nc", &["form:a=c"]);
    let typed = part("name=a; filename=b", "Content-Type: text/plain; cat /etc/passwd\n\nc");
    check(B, &typed, &["filename:a=b", "form:content-type=text/plain; cat /etc/passwd", "upload:a=c"]);
    check(B, &part("name=a; x=\"<svg>\"", "\nc"), &["form:x=<svg>", "form:a=c"]);
    // Too many parameters, too long a header: read up to a cap, and text beyond it.
    let many = format!("name=a{};filename=b", ";c=d".repeat(40));
    check(B, &part(&many, "\nc"), &["filename:a=b", "upload:a=c"]);
    let padded = format!("x=\"{}\"; name=a; filename=k.php", "a".repeat(2100));
    check(B, &part(&padded, "\nc"), &["filename:a=k.php", "upload:a=c"]);
    let long = part("name=a", &format!("X-Any: {}<svg>\n\nc", "d".repeat(20_000)));
    let (shown, _) = body_fields(B, 1 << 20, &[long.as_bytes()]);
    assert!(shown.iter().any(|one| one.contains("<svg>")), "{shown:?}");
}

#[test]
fn transfer_encodings_are_undone_and_not_trusted() {
    let base64 = part("name=a", "Content-Transfer-Encoding: BASE64\n\nPHNj\r\ncmlw\nd\r\nD4=");
    check(B, &base64, &["form:a=PHNj\\r\\ncmlw\\nd\\r\\nD4=", "form:a=<script>"]);
    let quoted = part("name=a", "Content-Transfer-Encoding: quoted-printable\n\n1=27 =75nion=\n x");
    check(B, &quoted, &["form:a=1=27 =75nion=\\n x", "form:a=1\\' union x"]);
}

#[test]
fn parts_inside_parts_are_read() {
    let inside = "--c\nContent-Disposition: file; filename=\"k.php\"\n\nx\n--c--\n--b\nContent-Disposition: form-data; name=d\n\ne";
    let nested = part("name=a", &format!("Content-Type: multipart/mixed; boundary=c\n\n{inside}"));
    check(B, &nested, &["filename:a=k.php", "upload:a=x", "form:a=x", "form:d=e"]);
}

#[test]
fn behind_too_many_parts_is_text_and_counted() {
    let parts = |count: usize| (0..count).map(|n| part(&format!("name=p{n}"), "\nx\n")).collect::<String>();
    let (fields, skipped) = body_fields(B, 1 << 22, &[parts(2000).as_bytes()]);
    assert_eq!((fields.len(), skipped), (2000, 0));
    let body = parts(8300) + "<svg>";
    let (fields, skipped) = body_fields(B, 1 << 22, &[body.as_bytes()]);
    assert!(skipped > 1000 && fields.len() < 8300, "{skipped} {}", fields.len());
    assert!(fields.last().is_some_and(|field| field.starts_with("text:") && field.ends_with("<svg>")));
}

#[test]
fn a_file_that_is_no_text_shows_its_start_and_its_marks() {
    let file = |kind: &str, content: &[u8]| {
        let head = part("name=a; filename=b", &format!("{kind}\n"));
        body_fields(B, 1 << 20, &[&[head.as_bytes(), content, b"\n--b--"].concat()]).0[1..].to_vec()
    };
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR' or 1=1-- <?php system($_GET['a']);\0\x01 union select";
    let shown = file("", png);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[0].starts_with("binary:a=\\x89PNG"));
    assert_eq!(shown[1], "upload:a=\\x89PNG<?php system($_GET[\\'a\\']);");
    // What is declared text is text, and so is a field of a form.
    assert!(file("Content-Type: text/plain\n", png)[0].contains("union select"));
    let field = [part("name=a", "Content-Type: image/png\n\n").as_bytes(), png].concat();
    assert!(body_fields(B, 1 << 20, &[&field]).0[0].contains("union select"));
    assert_eq!(file("", b"just ' a text"), ["upload:a=just \\' a text"]);
}

/// What is a file's only for some servers is read as a field's, too, whatever it begins with.
#[test]
fn no_field_is_made_a_file() {
    let content = "GIF89a1' or 1=1--";
    let is_field = |content_type: &str, body: &str| {
        let (fields, _) = body_fields(content_type, 1 << 20, &[body.as_bytes()]);
        fields.iter().any(|field| field.starts_with("form:") && field.contains("or 1=1"))
    };
    for disposition in [
        "name=\"id\"; filenamex=\"a.gif\"",
        "name=\"id\"; .filename=\"a.gif\"",
        "name=\"id\"filename=\"a.gif\"",
        "name=\"id\"; x=a\"; filename=\"a.gif",
        "name=\"id\"; filename=\"a.gif\"; filename=\"\"",
    ] {
        assert!(is_field(B, &part(disposition, &format!("\n{content}"))), "{disposition}");
    }
    let second = "Content-Disposition: form-data; name=b; filename=a.gif\n";
    assert!(is_field(B, &part("name=id", &format!("{second}\n{content}"))));
    let within = format!("--q\nContent-Disposition: form-data; name=f; filename=a.gif\n\n{content}");
    assert!(is_field(B, &part("name=id", &format!("\nx\n{within}"))));
    for content_type in ["multipart/form-data; boundary=b,c", "multipart/form-data; xboundary=c; boundary=b"] {
        assert!(is_field(content_type, &part("name=f; filename=a.gif", &format!("\n{content}"))), "{content_type}");
    }
    assert!(!is_field(B, &part("name=f; filename=a.gif", &format!("\n{content}"))));
}
