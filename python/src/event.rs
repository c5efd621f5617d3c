//! The events of a run as JSON, for callbacks.

use mfgpu::Event;
use mfgpu::run::RunEvent;
use serde_json::{Value, json};

/// An event as JSON; `None` for one that says nothing to a callback.
pub(crate) fn json_of(event: &RunEvent) -> Option<Value> {
    Some(match event {
        RunEvent::Reading { bytes, ratings } => {
            json!({"event": "reading", "bytes": bytes, "ratings": ratings})
        }
        RunEvent::Read { report, plan } => json!({"event": "read", "report": report, "sizes": plan}),
        RunEvent::SetAside { setting, slice, ratings, timed } => {
            let slice = slice.to_string();
            json!({"event": "set_aside", "setting": setting, "slice": slice, "ratings": ratings, "timed": timed})
        }
        RunEvent::Dropped { ratings } => json!({"event": "dropped", "ratings": ratings}),
        RunEvent::Shared { setting, shared } => {
            json!({"event": "shared", "setting": setting, "shared": shared})
        }
        RunEvent::Begun { from, of } => json!({"event": "begun", "from": from, "of": of}),
        RunEvent::TrainedOn { setting, ratings } => {
            json!({"event": "trained_on", "setting": setting, "ratings": ratings})
        }
        RunEvent::Fold { number, of, ratings, test } => {
            json!({"event": "fold", "number": number, "of": of, "ratings": ratings, "test": test})
        }
        RunEvent::Folded { number, of, evaluation } => {
            json!({"event": "folded", "number": number, "of": of, "evaluation": evaluation})
        }
        RunEvent::Damaged { error } => json!({"event": "damaged", "error": error.to_string()}),
        RunEvent::Lost { error } => json!({"event": "lost", "error": error.to_string()}),
        RunEvent::Resumed { from, found, other_device } => {
            let from = from.map(|(phase, epoch)| json!({"phase": phase.name(), "epoch": epoch}));
            json!({"event": "resumed", "from": from, "found": found, "other_device": other_device})
        }
        RunEvent::Objective { objective, how } => {
            json!({"event": "objective", "objective": objective.name(), "how": how})
        }
        RunEvent::Training(event) => return of_training(event),
        RunEvent::Ranks { count, hosts, warnings } => {
            json!({"event": "ranks", "count": count, "hosts": hosts, "warnings": warnings})
        }
        RunEvent::Writing => json!({"event": "writing"}),
        _ => return None,
    })
}

fn of_training(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Ready { device, ratings, held_out } => {
            json!({"event": "ready", "device": device, "ratings": ratings, "held_out": held_out})
        }
        Event::Begin { phase, epochs, patience } => {
            json!({"event": "begin", "phase": phase.name(), "epochs": epochs, "patience": patience})
        }
        Event::Turn { number, of, from, until, left } => {
            json!({"event": "turn", "number": number, "of": of, "from": from, "until": until, "left": left})
        }
        Event::Raced { candidate, epochs, held_out, kept } => json!({
            "event": "raced", "candidate": candidate, "epochs": epochs, "held_out": held_out, "kept": kept
        }),
        Event::Epoch { phase, epoch } => {
            let mut value = json!({"event": "epoch", "phase": phase.name()});
            if let (Some(all), Ok(Value::Object(facts))) =
                (value.as_object_mut(), serde_json::to_value(epoch))
            {
                all.extend(facts);
            }
            value
        }
        Event::RolledBack { epoch, to, learning_rate } => {
            json!({"event": "rolled_back", "epoch": epoch, "to": to, "learning_rate": learning_rate})
        }
        Event::DeviceFailed { why, fallback, .. } => {
            json!({"event": "device_failed", "why": why, "fallback": fallback})
        }
        Event::Found { epoch, held_out } => json!({"event": "found", "epoch": epoch, "held_out": held_out}),
        // There are many of them, and they say little.
        _ => return None,
    })
}
