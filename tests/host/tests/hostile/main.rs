//! Does the module stand whatever a host does to it? Sequences of callbacks in any order, and host calls that fail.
//!
//! Two VMs of one proxy get callbacks that no proxy would make: without a request's head, after its end, twice, for contexts
//! that do not exist, answers to callouts that nobody sent, ticks of a configuration that was replaced. Meanwhile calls to the host
//! fail, one after the other. No sequence may trap the module, and afterwards, with a host that works again, all that was
//! logged must still be there and every incident be delivered.
//!
//! `CALLBACKS=10000000` asks for so many; 100,000 otherwise.

mod steps;
mod worker;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::rc::Rc;

use fake_host::exchange::{Exchange, pairs};
use fake_host::host::Fault;
use fake_host::vm::{Callback, Vm};
use fake_host::world::World;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use crate::steps::{PATHS, Step, USERS, step};
use crate::worker::{ARTEFACT, CONFIGURATION, ENVIRONMENT, TOKEN, Worker};

#[test]
fn no_sequence_of_callbacks_traps_or_loses_anything() {
    let wanted: u64 = env::var("CALLBACKS").ok().and_then(|number| number.parse().ok()).unwrap_or(100_000);
    let (made, incidents) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { failure_persistence: None, max_shrink_iters: 300, ..Config::default() });
    let steps = prop::collection::vec((0usize..2, step()), 200..600);
    while made.get() < wanted {
        let tree = steps.new_tree(&mut runner).unwrap();
        let outcome = runner.run_one(tree, |steps| {
            let world = Rc::default();
            let mut workers = [Worker::new(&world, 1), Worker::new(&world, 2)];
            for (worker, step) in &steps {
                workers[*worker].take(step);
            }
            made.set(made.get() + workers.iter().map(|worker| worker.callbacks).sum::<u64>());
            settle(&mut workers, &world);
            incidents.set(incidents.get() + check(&mut workers));
            Ok(())
        });
        match outcome {
            Ok(_) => {}
            Err(TestError::Fail(why, steps)) => {
                steps.iter().for_each(|(worker, step)| println!("{worker} {step:?}"));
                panic!("{why}");
            }
            Err(failure) => panic!("{failure}"),
        }
    }
    println!("{} callbacks, {} incidents", made.get(), incidents.get());
    assert!(incidents.get() > 0);
}

/// With a host that works again, two hours pass: every message is sent, and answered. What was under way is never answered.
fn settle(workers: &mut [Worker], world: &Rc<RefCell<World>>) {
    for worker in workers.iter_mut() {
        worker.vm.host().fault = None;
        worker.vm.host().callouts.clear();
        if worker.roots.is_empty() {
            worker.take(&Step::Reload);
        }
    }
    for _ in 0..40 {
        world.borrow_mut().advance(3 * 60 * 1000);
        for worker in workers.iter_mut() {
            for root in worker.roots.clone() {
                worker.call(Callback::Tick(root));
            }
            while let Some(callout) = worker.vm.host().callouts.pop() {
                worker.answer_callout(&callout, Some(200));
            }
        }
    }
}

/// What the log says counted is in the records, and of every incident a message was delivered. Returns how many there were.
fn check(workers: &mut [Worker]) -> usize {
    let texts = workers.iter_mut().flat_map(|worker| worker.vm.host().lines.clone());
    let lines: Vec<Value> = texts.filter_map(|(_, text)| serde_json::from_str(&text).ok()).collect();
    let mut logged = BTreeMap::<&str, u64>::new();
    for line in lines.iter().filter(|line| line["event"] == "malicious_request" && line["source"] == "header:x-user-id")
    {
        *logged.entry(line["user"].as_str().unwrap()).or_default() += line["points"].as_u64().unwrap();
    }
    for (user, points) in logged {
        let answer = ask(&mut workers[0], &format!("/.user-risk/user?user={user}"));
        let theirs: Vec<_> = lines.iter().filter(|line| line["user"] == *user).map(Value::to_string).collect();
        // The increase counts each rule up to a bound; the hours are all that was entered.
        let kept = answer["hours"].as_array().map(|hours| hours.iter().filter_map(Value::as_u64).sum());
        assert!(
            kept >= Some(points),
            "{points} points were logged, {kept:?} are kept: {answer}\n{}",
            theirs.join("\n")
        );
    }
    let opened: Vec<_> = lines.iter().filter(|line| line["event"] == "incident_opened").collect();
    for line in &opened {
        let id = line["id"].as_str().unwrap();
        let is_delivered = |worker: &Worker| worker.delivered.iter().any(|body| body.contains(id));
        let said: Vec<_> =
            lines.iter().filter(|line| line["event"] != "malicious_request").map(Value::to_string).collect();
        assert!(workers.iter().any(is_delivered), "nobody was told of {line}:\n{}", said.join("\n"));
    }
    opened.len()
}

/// What the console answers.
fn ask(worker: &mut Worker, path: &str) -> Value {
    let mut exchange = Exchange::get(path, "ops");
    exchange.head.extend(pairs(&[("authorization", &format!("Bearer {TOKEN}"))]));
    let root = worker.newest();
    worker.vm.host().responses.clear();
    exchange.play(&mut worker.vm, 9_000_000, root).unwrap();
    let response = worker.vm.host().responses.last().unwrap_or_else(|| panic!("{path} is not answered"));
    serde_json::from_slice(&response.body).unwrap()
}

/// A configuration, an attack that opens an incident and its message, with one call to the host failing: the first, the second …
#[test]
fn every_call_to_the_host_may_fail() {
    let scenario = |fault: Option<Fault>| {
        let world = Rc::default();
        let mut vm = Vm::new(&ARTEFACT, &world, ENVIRONMENT, 1).unwrap();
        vm.host().fault = fault;
        let is_configured = vm.start(1, CONFIGURATION).unwrap();
        for (number, path) in PATHS.iter().enumerate() {
            Exchange::get(path, USERS[1]).play(&mut vm, 10 + number as u32, 1).unwrap();
        }
        for _ in 0..2 {
            world.borrow_mut().advance(1000);
            vm.call(Callback::Tick(1)).unwrap();
        }
        (vm.host().calls_in_all() as u32, is_configured)
    };
    let (calls, is_configured) = scenario(None);
    assert!(is_configured && calls > 100, "{calls} calls");
    for after in 0..calls {
        for status in [1, 2, 10] {
            scenario(Some(Fault { after, calls: 1, status }));
        }
    }
}
