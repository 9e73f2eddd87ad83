//! What does one VM's host hold? The exchange on stage, the calls that were made, and which of them are to fail.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use wasmtime::{Memory, TypedFunc};

use crate::world::World;

/// Headers or trailers.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The maps and buffers of the ABI, by its numbers.
pub const REQUEST_HEADERS: u32 = 0;
pub const REQUEST_TRAILERS: u32 = 1;
pub const RESPONSE_HEADERS: u32 = 2;
pub const CALLOUT_HEADERS: u32 = 6;
pub const REQUEST_BODY: u32 = 0;
pub const RESPONSE_BODY: u32 = 1;
pub const CALLOUT_BODY: u32 = 4;
pub const PLUGIN_CONFIGURATION: u32 = 7;

/// Statuses of the ABI.
pub const OK: u32 = 0;
pub const NOT_FOUND: u32 = 1;
pub const BAD_ARGUMENT: u32 = 2;
pub const CAS_MISMATCH: u32 = 8;

/// What the module may ask for during a callback.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    pub maps: HashMap<u32, Pairs>,
    pub buffers: HashMap<u32, Vec<u8>>,
    /// By their path, its parts separated by NUL.
    pub properties: HashMap<Vec<u8>, Vec<u8>>,
}

/// Calls to the host that fail: so many after so many others, with this status.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub after: u32,
    pub calls: u32,
    pub status: u32,
}

/// A request that the module sent to a cluster.
#[derive(Clone, Debug)]
pub struct Callout {
    pub token: u32,
    pub cluster: String,
    pub body: Vec<u8>,
}

/// An answer in the application's place.
#[derive(Clone, Debug)]
pub struct LocalResponse {
    pub status: u32,
    pub body: Vec<u8>,
}

/// The host of one VM.
pub struct Host {
    pub world: Rc<RefCell<World>>,
    pub scene: Scene,
    pub fault: Option<Fault>,
    /// How often each function was called.
    pub calls: BTreeMap<&'static str, u64>,
    /// Level and text.
    pub lines: Vec<(u32, String)>,
    pub callouts: Vec<Callout>,
    pub responses: Vec<LocalResponse>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) tokens: u32,
    pub(crate) random: u64,
    pub(crate) memory: Option<Memory>,
    pub(crate) allocate: Option<TypedFunc<u32, u32>>,
}

impl Host {
    pub(crate) fn new(world: Rc<RefCell<World>>, environment: &[(&str, &str)], seed: u64) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            world,
            scene: Scene::default(),
            fault: None,
            calls: BTreeMap::new(),
            lines: Vec::new(),
            callouts: Vec::new(),
            responses: Vec::new(),
            environment: environment.iter().map(owned).collect(),
            tokens: 0,
            random: seed,
            memory: None,
            allocate: None,
        }
    }

    /// Counts a call; returns the status with which it is to fail, if it is.
    pub(crate) fn enter(&mut self, function: &'static str) -> Option<u32> {
        *self.calls.entry(function).or_default() += 1;
        let fault = self.fault.as_mut()?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        let status = fault.status;
        fault.calls -= 1;
        if fault.calls == 0 {
            self.fault = None;
        }
        Some(status)
    }

    /// The sum of all calls.
    pub fn calls_in_all(&self) -> u64 {
        self.calls.values().sum()
    }
}
