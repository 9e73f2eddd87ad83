//! What happens outside of any exchange? Configuration, ticks, and the answers to callouts.

use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use crate::engine::{Engine, Input};
use crate::filter::act::act;
use crate::filter::host::cells::HostCells;
use crate::filter::host::metric::Metrics;
#[cfg(feature = "trap-on-demand")]
use crate::filter::host::trap;
use crate::filter::host::{callout, environment, plugin};
use crate::filter::stream::HttpStream;
use crate::notify::callout::Reply;
use crate::plugin::config::{Config, Loaded, Mode};
use crate::worker::effect::PendingCallout;

/// How often the channels' queues are looked at: a message leaves well within a second of its event.
const TICK: Duration = Duration::from_millis(250);

/// The root context of one worker.
#[derive(Default)]
pub(super) struct Root {
    worker: Option<Rc<Worker>>,
    /// The header that is taken off also while the filter is off.
    hidden: Option<Rc<str>>,
    /// What the callouts under way belong to, by the host's token.
    under_way: Vec<(u32, PendingCallout)>,
}

/// What a worker's streams share.
pub(super) struct Worker {
    pub(super) engine: Engine<HostCells>,
    pub(super) metrics: Metrics,
}

impl Root {
    fn configure(&mut self) -> Result<(), String> {
        let Loaded { config, warnings } =
            Config::load(&plugin::configuration(), &environment::variable).map_err(|mistake| mistake.to_string())?;
        for warning in warnings {
            log::warn!("user-risk-filter: configuration: {warning}");
        }
        (self.worker, self.hidden) = (None, None);
        if config.mode == Mode::Off {
            self.hidden = config.application.header().map(Rc::from);
            return Ok(());
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| format!("the host has no random numbers: {error}"))?;
        plugin::tick_every(TICK);
        let engine = Engine::new(config, HostCells, seed);
        let metrics = Metrics::define(engine.channels());
        self.worker = Some(Rc::new(Worker { engine, metrics }));
        Ok(())
    }

    /// Hands `input` in and sends what is to be sent. A call that the host refuses is answered at once, which may lead
    /// to the next one: the queue's pauses end that.
    fn on(&mut self, input: Input<'_>) {
        let Some(worker) = self.worker.clone() else { return };
        let mut calls = act(worker.engine.on(input, plugin::now()), &worker.metrics).calls;
        while let Some(call) = calls.pop() {
            #[cfg(feature = "trap-on-demand")]
            trap::spring("sending");
            match callout::send(&call.cluster, &call.request, call.timeout) {
                Ok(token) => self.under_way.push((token, call.pending_callout)),
                Err(why) => {
                    let answered = Input::Answered(call.pending_callout, Reply::Nothing { why });
                    calls.extend(act(worker.engine.on(answered, plugin::now()), &worker.metrics).calls);
                }
            }
        }
    }
}

impl Context for Root {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        let Some(at) = self.under_way.iter().position(|(sent, _)| *sent == token) else { return };
        let (_, pending_callout) = self.under_way.swap_remove(at);
        #[cfg(feature = "trap-on-demand")]
        trap::spring("answered");
        self.on(Input::Answered(pending_callout, callout::reply(headers, body)));
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match self.configure() {
            Ok(()) => true,
            Err(mistake) => {
                // The reason is visible nowhere but here: Envoy itself only says that the plugin failed to load.
                log::error!("user-risk-filter: configuration: {mistake}");
                false
            }
        }
    }

    fn on_tick(&mut self) {
        self.on(Input::Tick);
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(HttpStream::new(self.worker.clone(), self.hidden.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
