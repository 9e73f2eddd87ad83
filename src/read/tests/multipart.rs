//! Is multipart read as the laxest server reads it?

use super::body_fields;

#[test]
fn takes_multipart_apart_as_the_laxest_server_does() {
    let check = |content_type: &str, body: &str, expected: &[&str]| {
        assert_eq!(body_fields(content_type, 1 << 20, &[body.as_bytes()]).0, *expected, "{}", body.escape_debug());
    };
    let declared = "multipart/form-data; boundary=\"b c\"";
    let part = "--b c\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n";
    check(declared, &format!("{part}one\r\ntwo\r\n--b c--\r\n"), &["form:n=one\\r\\ntwo"]);
    check(declared, &format!("{part}one\r\n{part}two"), &["form:n=one", "form:n=two"]);
    check(declared, &format!("{part}one\r\n{part}two").replace('\r', ""), &["form:n=one", "form:n=two"]);
    check("", &format!("{part}one"), &["form:n=one"]);
    check("multipart/form-data; boundary=other", &format!("{part}one"), &["form:n=one"]);
    check(declared, part, &[]);
    let header = |disposition: &str, rest: &str| format!("--b\nContent-Disposition: form-data; {disposition}\n{rest}");
    check(declared, &header("name=a;filename=b.txt", "\nc"), &["filename:a=b.txt", "upload:a=c"]);
    check(declared, &header("name=\"a\\\"<b\"", "\nc"), &["form:a\\\"<b=a\\\"<b", "form:a\\\"<b=c"]);
    check(
        declared,
        &header("filename=\"C:\\x;y\";  name = a ", "\n\0\x01"),
        &["filename:a=C:\\\\x;y", "binary:a=\\x00\\x01"],
    );
    check(
        declared,
        &header("name=a", "Content-Transfer-Encoding: BASE64\n\nPHNj\r\ncmlw\nd\r\nD4="),
        &["form:a=<script>"],
    );
    check(
        declared,
        &header("name=a; filename*=UTF-8''%3Cb", "X-Any: ${b}\n\n"),
        &["filename:a=%3Cb", "form:x-any=${b}"],
    );
    check(declared, &header("name=\n a", "\nb"), &["form:a=b"]);
    // No header, too long a header, too many parameters: text all the same.
    check(declared, "--b c\n<svg>\n--b c--", &["text:=<svg>"]);
    let many = format!("name=a{};filename=b", ";c=d".repeat(40));
    check(declared, &header(&many, "\nc"), &["filename:a=b", "upload:a=c"]);
    let long = format!("X-Any: {}\n {}", "a".repeat(1000), "b".repeat(1000));
    let (shown, _) = body_fields(
        declared,
        1 << 20,
        &[header("name=a", &format!("{long}\n {}<svg>\n\nc", "d".repeat(999))).as_bytes()],
    );
    assert!(shown.iter().any(|one| one.contains("<svg>")), "{shown:?}");
}
