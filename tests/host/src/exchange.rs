//! How does Envoy call a filter in one exchange? The callbacks in their usual order, each with what is there in its phase.

use wasmtime::Result;

use crate::host::{Pairs, REQUEST_BODY, REQUEST_HEADERS, RESPONSE_BODY, RESPONSE_HEADERS, Scene};
use crate::vm::{Callback, Vm};

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub head: Pairs,
    /// The pieces in which the request's body arrives.
    pub body: Vec<Vec<u8>>,
    pub answer: Pairs,
    pub answer_body: Vec<u8>,
}

/// Pairs of texts.
pub fn pairs(texts: &[(&str, &str)]) -> Pairs {
    texts.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

impl Exchange {
    /// A GET as a browser sends it, answered with a small page.
    pub fn get(path: &str, user: &str) -> Self {
        let head = pairs(&[
            (":authority", "shop.example"),
            (":path", path),
            (":method", "GET"),
            (":scheme", "https"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
            ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            ("accept-language", "en-GB,en;q=0.5"),
            ("accept-encoding", "gzip, deflate, br, zstd"),
            ("cookie", "session=5f2b8c1de07a4c55; theme=dark"),
            ("referer", "https://shop.example/catalogue"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-request-id", "6f1c2f0e-9d0b-4b07-8f3e-4f8f6c1c1f9a"),
            ("x-user-id", user),
        ]);
        let answer =
            pairs(&[(":status", "200"), ("content-type", "text/html"), ("content-length", "13"), ("server", "envoy")]);
        Self { head, body: Vec::new(), answer, answer_body: b"<p>hello</p>\n".to_vec() }
    }

    /// A POST whose body arrives in pieces of 16 KiB, as from Envoy's buffers.
    pub fn post(path: &str, user: &str, content_type: &str, body: &[u8]) -> Self {
        let mut exchange = Self::get(path, user);
        exchange.head[2].1 = b"POST".to_vec();
        exchange.head.extend(pairs(&[("content-type", content_type), ("content-length", &body.len().to_string())]));
        exchange.body = body.chunks(16 * 1024).map(<[u8]>::to_vec).collect();
        exchange
    }

    /// What is there while the request passes.
    pub fn request_scene(&self) -> Scene {
        let mut scene = self.common_scene();
        scene.maps.insert(REQUEST_HEADERS, self.head.clone());
        scene
    }

    /// What is there while the answer passes.
    pub fn answer_scene(&self) -> Scene {
        let mut scene = self.common_scene();
        scene.maps.insert(RESPONSE_HEADERS, self.answer.clone());
        scene.buffers.insert(RESPONSE_BODY, self.answer_body.clone());
        scene.properties.insert(b"response\0code".to_vec(), 200i64.to_le_bytes().to_vec());
        scene
    }

    /// What is there while the access log is written.
    pub fn log_scene(&self) -> Scene {
        let mut scene = self.answer_scene();
        scene.maps.insert(REQUEST_HEADERS, self.head.clone());
        scene
    }

    fn common_scene(&self) -> Scene {
        let property = |path: &str, value: &[u8]| (path.replace('.', "\0").into_bytes(), value.to_vec());
        let properties = [
            property("source.address", b"192.0.2.7:51234"),
            property("xds.cluster_name", b"app"),
            property("xds.route_name", b""),
            property("xds.listener_metadata.filter_metadata.user-risk.admin", &[1]),
        ];
        Scene { properties: properties.into(), ..Scene::default() }
    }

    /// Plays the exchange from its first callback to its last.
    ///
    /// # Errors
    /// The module traps.
    pub fn play(&self, vm: &mut Vm, context: u32, root: u32) -> Result<()> {
        vm.host().scene = self.request_scene();
        vm.call(Callback::ContextCreate(context, root))?;
        vm.call(Callback::RequestHeaders(context, self.body.is_empty()))?;
        for (at, piece) in self.body.iter().enumerate() {
            vm.host().scene.buffers.insert(REQUEST_BODY, piece.clone());
            vm.call(Callback::RequestBody(context, piece.len() as u32, at + 1 == self.body.len()))?;
        }
        vm.host().scene = self.answer_scene();
        vm.call(Callback::ResponseHeaders(context, false))?;
        vm.call(Callback::ResponseBody(context, self.answer_body.len() as u32, true))?;
        vm.host().scene = self.log_scene();
        vm.call(Callback::Log(context))?;
        vm.call(Callback::Done(context))?;
        vm.call(Callback::Delete(context))?;
        Ok(())
    }
}
