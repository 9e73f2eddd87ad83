//! Which requests is the cost of a request measured with? The same ones here and in a real Envoy (`benches/envoy.py`).

use crate::exchange::Exchange;

/// A kind of request.
pub struct Workload {
    pub name: &'static str,
    /// The exchange with this number; they differ in nothing but the user.
    pub exchange: fn(usize) -> Exchange,
}

/// All of them.
pub const WORKLOADS: &[Workload] = &[
    Workload { name: "GET, ten headers", exchange: |_| Exchange::get("/catalogue/shoes?page=2&sort=price", "alice") },
    Workload { name: "JSON, 1 kB", exchange: |_| Exchange::post("/orders", "alice", "application/json", &json()) },
    Workload { name: "form, 10 kB", exchange: |_| Exchange::post("/profile", "alice", FORM, &form()) },
    Workload { name: "multipart, 1 MiB", exchange: |_| Exchange::post("/photos", "alice", MULTIPART, &multipart()) },
    Workload { name: "attack, one user", exchange: |_| Exchange::get(ATTACK, "mallory") },
    Workload { name: "attack, 500 users", exchange: |number| Exchange::get(ATTACK, &format!("user-{}", number % 500)) },
];

const ATTACK: &str = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=----boundary1f0c";

fn json() -> Vec<u8> {
    let item = |number: usize| {
        format!(
            r#"{{"sku":"A-{number:04}","name":"Trail shoe {number}","size":"{}","price":129.5,"gift":false}}"#,
            36 + number
        )
    };
    let items: Vec<_> = (0..11).map(item).collect();
    let text = format!(r#"{{"cart":"c0ffee","note":"please ring twice","items":[{}]}}"#, items.join(","));
    text.into_bytes()
}

fn form() -> Vec<u8> {
    let field = |number: usize| {
        format!(
            "field{number}=some+words+that+a+person+could+type%2C+number+{number}%21&about{number}=Lives+in+Li%C3%A8ge"
        )
    };
    (0..100).map(field).collect::<Vec<_>>().join("&").into_bytes()
}

/// A photo: bytes that look random, behind the first ones of a JPEG.
fn multipart() -> Vec<u8> {
    let mut body = b"------boundary1f0c\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nMy cat\r\n\
        ------boundary1f0c\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"cat.jpg\"\r\n\
        content-type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\0\x10JFIF\0"
        .to_vec();
    let mut word = 1u64;
    while body.len() < 1 << 20 {
        // Xorshift: the same bytes each time.
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        body.extend(word.to_le_bytes());
    }
    body.extend(b"\r\n------boundary1f0c--\r\n");
    body
}
