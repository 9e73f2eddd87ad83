//! Which requests is the cost of a request measured with? The same ones here and in a real Envoy (`benches/envoy/measure.py`).

use std::collections::BTreeMap;
use std::rc::Rc;

use wasmtime::{Error, Result};

use crate::exchange::Exchange;
use crate::vm::{Artefact, Vm};

/// The first exchanges fill tables that later ones find.
const WARM: usize = 600;
const MEASURED: usize = 500;

/// A kind of request.
pub struct Workload {
    pub name: &'static str,
    /// The exchange with this number; they differ in nothing but the user.
    pub exchange: fn(usize) -> Exchange,
    /// So many instructions of the module `docs/costs.md` names for it.
    pub documented: u64,
}

/// What one exchange costs.
pub struct Cost {
    /// Wasmtime's fuel, about one for each instruction: the same on every machine.
    pub fuel: u64,
    /// Calls to the host, by name.
    pub calls: BTreeMap<&'static str, u64>,
}

impl Workload {
    /// What one of these exchanges costs with this configuration, after others.
    pub fn cost(&self, artefact: &Artefact, configuration: &str) -> Result<Cost> {
        let key = [("KEY", "0123456789abcdef0123456789abcdef")];
        let mut vm = Vm::new(artefact, &Rc::default(), &key, 1)?;
        if !vm.start(1, configuration)? {
            return Err(Error::msg(format!("{configuration}: {:?}", vm.host().lines)));
        }
        // A long body costs the same each time.
        let (warm, measured) = if (self.exchange)(0).body.len() > 1 { (3, 2) } else { (WARM, MEASURED) };
        let mut play = |number: usize| {
            vm.host().world.borrow_mut().advance(10);
            (self.exchange)(number).play(&mut vm, 2 + number as u32, 1)?;
            Ok::<_, Error>(vm.take_fuel())
        };
        (0..warm).try_for_each(|number| play(number).map(drop))?;
        let fuel = (warm..warm + measured).map(&mut play).sum::<Result<u64>>()? / measured as u64;
        vm.host().calls.clear();
        (self.exchange)(0).play(&mut vm, 1_000_000, 1)?;
        let calls = vm.host().calls.clone();
        Ok(Cost { fuel, calls })
    }
}

/// All of them.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "GET, ten headers",
        exchange: |_| Exchange::get("/catalogue/shoes?page=2&sort=price", "alice"),
        documented: 61_000,
    },
    Workload {
        name: "JSON, 1 kB",
        exchange: |_| Exchange::post("/orders", "alice", "application/json", &json()),
        documented: 241_000,
    },
    Workload {
        name: "form, 10 kB",
        exchange: |_| Exchange::post("/profile", "alice", FORM, &form()),
        documented: 1_385_000,
    },
    Workload {
        name: "multipart, 1 MiB",
        exchange: |_| Exchange::post("/photos", "alice", MULTIPART, &multipart()),
        documented: 4_365_000,
    },
    Workload { name: "attack, one user", exchange: |_| Exchange::get(ATTACK, "mallory"), documented: 439_000 },
    Workload {
        name: "attack, 500 users",
        exchange: |number| Exchange::get(ATTACK, &format!("user-{}", number % 500)),
        documented: 450_000,
    },
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
