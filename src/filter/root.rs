//! What does Envoy call outside of any exchange? Configuration, ticks, and the answers to callouts.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use crate::engine::{Engine, Input};
use crate::filter::active::{Active, Callout, Outcome, TICK};
use crate::filter::host::cells::HostCells;
#[cfg(feature = "trap-on-demand")]
use crate::filter::host::trap;
use crate::filter::host::{callout, environment, plugin};
use crate::filter::off::Off;
use crate::filter::placement::Placement;
use crate::filter::stream::{Duty, HttpStream};
use crate::notify::callout::{Reply, Request};
use crate::plugin::config::{Config, Loaded, Mode};
use crate::worker::effect::{PendingCallout, StoreCall};

/// The root context of one worker.
pub(super) struct Root {
    duty: Duty,
    placement: Rc<Placement>,
    /// Callouts that were sent and not yet answered, by the host's token.
    under_way: Vec<(u32, PendingCallout)>,
    /// The call to the fleet's store, of which there is one at a time in the process.
    asked: Vec<(u32, StoreCall)>,
}

impl Default for Root {
    /// Off, until it is configured.
    fn default() -> Self {
        Self { duty: Duty::Off(Rc::default()), placement: Rc::default(), under_way: Vec::new(), asked: Vec::new() }
    }
}

impl Context for Root {
    /// The answer to a callout; nothing happens if it is of none that is under way.
    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        if let Some(at) = self.asked.iter().position(|(sent, _)| *sent == token) {
            let (_, call) = self.asked.swap_remove(at);
            return self.on(Input::Told(call, callout::reply(headers, body, callout::STORE_READ)));
        }
        let Some(at) = self.under_way.iter().position(|(sent, _)| *sent == token) else { return };
        let (_, pending_callout) = self.under_way.swap_remove(at);
        #[cfg(feature = "trap-on-demand")]
        trap::spring("answered");
        self.on(Input::Answered(pending_callout, callout::reply(headers, body, callout::BODY_READ)));
    }

    /// Envoy ends, or the last listener with this configuration has drained. The log is still written; no callout is tried.
    fn on_done(&mut self) -> bool {
        if let Duty::Active(active) = &self.duty {
            active.on(Input::End);
        }
        true
    }
}

impl RootContext for Root {
    /// Returns false if the configuration is refused.
    fn on_configure(&mut self, _size: usize) -> bool {
        match self.configure() {
            Ok(()) => true,
            Err(error) => {
                // This line is the only one with the reason: Envoy itself only logs that the plugin failed to load.
                log::error!("user-risk-filter: configuration: {error}");
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Duty::Active(active) = &self.duty {
            active.has_ticked();
        }
        self.on(Input::Tick);
    }

    fn create_http_context(&self, _context: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(HttpStream::new(self.duty.clone(), self.placement.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Root {
    fn configure(&mut self) -> Result<(), String> {
        let Loaded { config, warnings } =
            Config::load(&plugin::configuration(), &environment::variable).map_err(|error| error.to_string())?;
        for warning in warnings {
            log::warn!("user-risk-filter: configuration: {warning}");
        }
        if config.mode == Mode::Off {
            self.duty = Duty::Off(Rc::new(Off::new(config)));
            return Ok(());
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| format!("the host has no random numbers: {error}"))?;
        plugin::tick_every(TICK);
        self.duty = Duty::Active(Rc::new(Active::new(Engine::new(config, HostCells, seed))));
        Ok(())
    }

    /// Gives `input` to the engine and sends the requests that follow. One that the host refuses counts as answered at once,
    /// which may lead to another request; that ends because a queue pauses after a failure.
    fn on(&mut self, input: Input<'_>) {
        let Duty::Active(active) = self.duty.clone() else { return };
        let mut outcome = active.on(input);
        let mut callouts = std::mem::take(&mut outcome.callouts);
        callouts.extend(self.ask(&active, outcome));
        while let Some(callout) = callouts.pop() {
            #[cfg(feature = "trap-on-demand")]
            trap::spring("sending");
            match callout::send(&callout.cluster, &callout.request, callout.timeout) {
                Ok(token) => self.under_way.push((token, callout.pending_callout)),
                Err(why) => {
                    let refused = Input::Answered(callout.pending_callout, Reply::Nothing { why });
                    callouts.extend(active.on(refused).callouts);
                }
            }
        }
    }
}

impl Root {
    /// Sends calls to the store. One that the host refuses counts as answered at once. Returns the requests to send that follow.
    fn ask(&mut self, active: &Active, outcome: Outcome) -> Vec<Callout> {
        let mut callouts = Vec::new();
        for (call, cluster, timeout, body) in outcome.store_calls {
            match callout::send(&cluster, &store_request(body), timeout) {
                Ok(token) => self.asked.push((token, call)),
                // After a failure nothing is asked for a while, so that this ends.
                Err(why) => callouts.extend(active.on(Input::Told(call, Reply::Nothing { why })).callouts),
            }
        }
        callouts
    }
}

/// The bytes of a call to the store: its cluster passes on the body alone.
fn store_request(body: Vec<u8>) -> Request {
    let (path, authority) = ("/".to_owned(), "user-risk-filter".to_owned());
    Request { is_secure: false, path, authority, headers: Vec::new(), body }
}
