//! Which callbacks of an exchange does the engine need? The others cost nothing, above all the body of the answer.

use crate::console::Console;
use crate::engine::stream::{Mark, Stream};
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::state::cells::Cells;
use crate::worker::state::Worker;

impl<C: Cells> Worker<C> {
    /// Does this moment change anything for the exchange?
    pub(super) fn wants_mark(&self, stream: &Stream, mark: Mark) -> bool {
        match mark {
            _ if stream.is_closed => false,
            Mark::Ongoing => stream.ongoing.is_due(),
            Mark::Arrived => {
                // Asked once for each request, whatever else there is to see.
                let is_sampled = self.is_sampled();
                is_sampled
                    || self.console_for(&stream.head).is_some()
                    || self.watches(stream, mark)
                    || self.has_response(stream)
            }
            Mark::Released => self.responds(),
            _ => !stream.is_quiet() || self.watches(stream, mark),
        }
    }

    /// Is the answer's body needed? After a detection, or where a watcher looks for something in it; and only its beginning.
    pub(super) fn wants_answer(&self, stream: &Stream) -> bool {
        self.watches_answer(stream) || stream.answer.as_ref().is_some_and(|scan| scan.wants_more())
    }

    /// The request's body follows: decides whether it is held back.
    pub(super) fn holds(&self, stream: &mut Stream, proxy: &dyn Proxy) -> bool {
        stream.response.held = self.bytes_to_hold(&stream.head, proxy);
        stream.response.is_passed_on = stream.response.held.is_none();
        stream.is_held()
    }

    /// Does the application report events in this answer?
    pub(super) fn has_app_events(&self, proxy: &dyn Proxy) -> bool {
        self.config.application.header().is_some_and(|name| proxy.answer_header(name).is_some())
    }

    /// The console, if the request is under its path.
    pub(super) fn console_for(&self, head: &Head) -> Option<&Console> {
        self.config.admin.as_ref().filter(|console| console.is_for(head))
    }

    /// Does a watcher look at this moment of the exchange?
    fn watches(&self, stream: &Stream, mark: Mark) -> bool {
        let watched = &stream.watched;
        match mark {
            Mark::Arrived => self.config.login.has_names(),
            Mark::Released => false,
            Mark::Complete => watched.names.are_many(),
            Mark::Answered => watched.attempt.is_some() || self.config.user.session.is_some(),
            Mark::Ongoing => false,
            Mark::End => watched.attempt.is_some() || watched.visit.is_some() || self.config.probing.is_on(),
        }
    }

    /// Does a watcher look at the answer's body?
    fn watches_answer(&self, stream: &Stream) -> bool {
        stream.watched.attempt.as_ref().is_some_and(|attempt| {
            self.config.login.get(attempt.login).is_some_and(|login| attempt.wants_answer(login))
        })
    }
}
