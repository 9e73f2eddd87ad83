//! How is the module run? Compiled once, instantiated for each VM, called as Envoy calls it.

use std::cell::RefCell;
use std::env;
use std::path::Path;
use std::rc::Rc;

use wasmtime::{Config, Engine, Error, Instance, InstancePre, Linker, Module, Result, Store, WasmParams, WasmResults};

use crate::host::{Host, PLUGIN_CONFIGURATION};
use crate::world::World;
use crate::{imports, wasi};

/// The most that one callback may cost: about a second of V8. A callback that needs more is stopped, and fails.
const FUEL: u64 = 5_000_000_000;

/// A compiled module.
pub struct Artefact {
    engine: Engine,
    linked: InstancePre<Host>,
}

impl Artefact {
    /// What the build has made, or the module that `MODULE` names.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn built() -> Result<Self> {
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/user_risk_filter.wasm");
        Self::load(&env::var_os("MODULE").map_or(built, Into::into))
    }

    /// Compiles the module. Takes some seconds.
    ///
    /// # Errors
    /// There is no such file, it is no module, or it imports what a filter has no business with.
    pub fn load(path: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config)?;
        let Ok(bytes) = std::fs::read(path) else {
            return Err(Error::msg(format!("{} is not there: ./build.sh build", path.display())));
        };
        let module = Module::new(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        imports::add(&mut linker)?;
        wasi::add(&mut linker)?;
        Ok(Self { linked: linker.instantiate_pre(&module)?, engine })
    }

    /// The names of what the module imports, and of what it exports.
    pub fn surface(&self) -> (Vec<String>, Vec<String>) {
        let module = self.linked.module();
        let imports = module.imports().map(|import| format!("{}.{}", import.module(), import.name()));
        (imports.collect(), module.exports().map(|export| export.name().to_owned()).collect())
    }
}

/// A callback, with the context that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    /// A context, and the root context that it belongs to; 0 if it is one itself.
    ContextCreate(u32, u32),
    VmStart(u32),
    Configure(u32, u32),
    Tick(u32),
    RequestHeaders(u32, bool),
    /// The size of the piece.
    RequestBody(u32, u32, bool),
    RequestTrailers(u32),
    ResponseHeaders(u32, bool),
    ResponseBody(u32, u32, bool),
    ResponseTrailers(u32),
    Done(u32),
    Log(u32),
    Delete(u32),
    /// A root context, the token, the numbers of headers and of the body's bytes.
    HttpCallResponse(u32, u32, u32, u32),
}

/// One VM.
pub struct Vm {
    store: Store<Host>,
    instance: Instance,
    used: u64,
}

impl Vm {
    /// A VM of a proxy, without any context. `seed` decides its random numbers.
    ///
    /// # Errors
    /// The module traps while it starts.
    pub fn new(
        artefact: &Artefact,
        world: &Rc<RefCell<World>>,
        environment: &[(&str, &str)],
        seed: u64,
    ) -> Result<Self> {
        let mut store = Store::new(&artefact.engine, Host::new(world.clone(), environment, seed));
        store.set_fuel(FUEL)?;
        let instance = artefact.linked.instantiate(&mut store)?;
        store.data_mut().memory = instance.get_memory(&mut store, "memory");
        store.data_mut().allocate = instance.get_typed_func(&mut store, "proxy_on_memory_allocate").ok();
        let mut vm = Self { store, instance, used: 0 };
        vm.tell("_initialize", ())?;
        Ok(vm)
    }

    /// Makes a root context with this configuration. Returns false if the module refuses it.
    ///
    /// # Errors
    /// The module traps.
    pub fn start(&mut self, context: u32, configuration: &str) -> Result<bool> {
        self.host().scene.buffers.insert(PLUGIN_CONFIGURATION, configuration.as_bytes().to_vec());
        self.call(Callback::ContextCreate(context, 0))?;
        self.call(Callback::VmStart(context))?;
        Ok(self.call(Callback::Configure(context, configuration.len() as u32))? != 0)
    }

    pub fn host(&mut self) -> &mut Host {
        self.store.data_mut()
    }

    /// Calls the module; what it returns, or 0. Does nothing if the module has no such callback, as Envoy.
    ///
    /// # Errors
    /// The module traps, or needs more than [`FUEL`].
    pub fn call(&mut self, callback: Callback) -> Result<u32> {
        use Callback::*;
        match callback {
            ContextCreate(context, parent) => self.tell("proxy_on_context_create", (context, parent)),
            VmStart(context) => self.ask("proxy_on_vm_start", (context, 0)),
            Configure(context, size) => self.ask("proxy_on_configure", (context, size)),
            Tick(context) => self.tell("proxy_on_tick", context),
            RequestHeaders(context, last) => self.ask("proxy_on_request_headers", (context, 0, u32::from(last))),
            RequestBody(context, size, last) => self.ask("proxy_on_request_body", (context, size, u32::from(last))),
            RequestTrailers(context) => self.ask("proxy_on_request_trailers", (context, 0)),
            ResponseHeaders(context, last) => self.ask("proxy_on_response_headers", (context, 0, u32::from(last))),
            ResponseBody(context, size, last) => self.ask("proxy_on_response_body", (context, size, u32::from(last))),
            ResponseTrailers(context) => self.ask("proxy_on_response_trailers", (context, 0)),
            Done(context) => self.ask("proxy_on_done", context),
            Log(context) => self.tell("proxy_on_log", context),
            Delete(context) => self.tell("proxy_on_delete", context),
            HttpCallResponse(context, token, headers, body) => {
                self.tell("proxy_on_http_call_response", (context, token, headers, body, 0))
            }
        }
    }

    /// The fuel that has been used since the last call of this function.
    pub fn take_fuel(&mut self) -> u64 {
        std::mem::take(&mut self.used)
    }

    /// How much memory the module has, in bytes.
    pub fn memory(&mut self) -> usize {
        let memory = self.store.data().memory;
        memory.map_or(0, |memory| memory.data_size(&self.store))
    }

    fn ask(&mut self, name: &str, arguments: impl WasmParams) -> Result<u32> {
        self.run(name, arguments).map(Option::unwrap_or_default)
    }

    fn tell(&mut self, name: &str, arguments: impl WasmParams) -> Result<u32> {
        self.run::<_, ()>(name, arguments).map(|_| 0)
    }

    fn run<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> Result<Option<R>> {
        let Some(function) = self.instance.get_func(&mut self.store, name) else { return Ok(None) };
        let function = function.typed::<P, R>(&self.store)?;
        self.store.set_fuel(FUEL)?;
        let result = function.call(&mut self.store, arguments);
        self.used += FUEL - self.store.get_fuel()?;
        result.map(Some)
    }
}
