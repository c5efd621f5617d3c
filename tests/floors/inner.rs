//! The inner floors of the larger parts: which files and folders may use which.

/// The inner floors of a folder, from the ground up. Each floor names files and folders; a folder stands for
/// everything in it that is not named on its own. Files within one entry may use each other; entries of one
/// floor may not.
pub(crate) type Inner<'a> = (&'a str, &'a [&'a [&'a str]]);

/// A table without floors is not checked. Folders of folders may have tables of their own.
pub(crate) const INNER: &[Inner] = &[
    (
        "src/train",
        &[
            // The choices of a user, and the updates within a row.
            &["choices.rs", "criterion/kind.rs", "row"],
            &["settings.rs", "state.rs", "problem.rs"],
            &["candidate.rs", "engine"],
            // The quality of a state, and the events that report it.
            &["criterion"],
            &["curve.rs"],
            &["event.rs"],
            // The algorithms, and how a loop sees the outside.
            &["algorithm", "monitor.rs"],
            // The step between a model and training.
            &["deliver"],
            &["training.rs"],
            // The loops.
            &["schedule"],
        ],
    ),
    (
        "src/train/algorithm",
        &[
            &["definition.rs", "pause.rs", "hyper.rs", "implicit.rs"],
            &["sgd.rs", "als.rs", "bayes.rs", "ials.rs"],
            &["kind.rs", "method.rs"],
        ],
    ),
    (
        "src/train/criterion",
        &[&["kind.rs", "measured.rs"], &["score.rs", "rmse.rs", "lists.rs"], &["measure.rs"]],
    ),
    (
        "src/train/schedule",
        &[
            &["chain.rs", "field.rs", "opened.rs", "residuals.rs"],
            &["fit.rs", "outcome.rs"],
            &["race.rs"],
            &["checkpoint.rs"],
            &["keeping.rs"],
            &["setup.rs"],
            &["search.rs"],
            &["refit.rs"],
            &["session.rs"],
        ],
    ),
    (
        "src/train/engine/gpu/normal",
        &[
            &["rounds.rs", "turning.rs"],
            &["rated.rs", "moments.rs"],
            &["solve.rs", "short.rs", "descend.rs"],
            &["mod.rs"],
        ],
    ),
    (
        "src/input",
        &[
            // The options of a reader, and what it reports.
            &["options.rs", "report.rs"],
            // What fields say, and the ids of a file.
            &["value", "ids"],
            &["layout.rs"],
            // The roles of columns; the bytes of a file.
            &["columns", "file"],
            &["rows.rs"],
            &["format"],
            // Recognising a file and cutting it into pieces.
            &["sniff"],
            &["text.rs"],
            &["cut", "names.rs"],
            // All files together.
            &["gather.rs"],
            &["doubts.rs", "duplicates"],
            &["prepared.rs"],
            &["mod.rs"],
            // Ratings from memory, too.
            &["dataset.rs"],
        ],
    ),
    (
        "src/gpu",
        &[
            // Options and descriptions, as plain values.
            &["budget.rs", "description.rs"],
            &["adapter.rs", "choice.rs", "options.rs"],
            &["device.rs", "disabled.rs"],
            // Data on a device.
            &["open.rs", "buffer.rs", "texture.rs", "rows.rs"],
            &["transfer.rs", "params.rs", "template.rs", "trusted.rs"],
            // Work on a device.
            &["kernel.rs"],
            &["kernels", "commands.rs"],
            &["operations", "clock.rs"],
        ],
    ),
    (
        "src/run",
        &[
            // The formats of files, times and slices.
            &[
                "names.rs",
                "now.rs",
                "json.rs",
                "limits.rs",
                "slice.rs",
                "objectives.rs",
                "threads.rs",
                "overlap.rs",
            ],
            // Whose a file is, and where a run is.
            &["directory"],
            // The settings, the size, and the results of a run.
            &["config.rs", "plan.rs", "report.rs", "metrics.rs"],
            &["record.rs", "time_left.rs", "decided.rs", "apart.rs", "progress.rs", "tested.rs", "crew.rs"],
            &["ranks.rs"],
            &["event.rs", "device.rs", "checkpoint_file.rs", "context.rs"],
            &["status.rs", "checkpoints.rs", "warm.rs", "shared.rs", "reading.rs"],
            // Inputs and outputs.
            &["held_out.rs", "prepare.rs"],
            &["part.rs"],
            &["material.rs", "folds.rs", "lists.rs", "residuals.rs", "write.rs"],
            &["page"],
            // A whole run.
            &["finish.rs", "in_memory.rs", "follow.rs"],
            &["session.rs"],
        ],
    ),
    (
        "src/run/page",
        &[
            &["text.rs", "section.rs"],
            &["sources.rs", "frame.rs"],
            &["kept.rs", "cells.rs"],
            &["scores.rs", "verdict.rs", "tiles.rs", "differences.rs"],
            // Sections may not use each other.
            &[
                "summary.rs",
                "epochs.rs",
                "accuracy.rs",
                "known.rs",
                "calibration.rs",
                "predictions.rs",
                "latent.rs",
                "lists.rs",
                "items.rs",
                "facts.rs",
                "compared.rs",
            ],
            &["mod.rs"],
        ],
    ),
    (
        "src/bin/mfgpu",
        &[
            &["terminal"],
            &["allocator.rs", "environment.rs", "signals.rs", "threads.rs", "inside.rs"],
            &["flags"],
            &["variables.rs"],
            &["show"],
            &["steps"],
            &["commands"],
            &["arguments.rs"],
            &["main.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/terminal",
        &[&["clean.rs", "colour.rs"], &["mod.rs"], &["output.rs", "panics.rs", "usage.rs"]],
    ),
    (
        "src/bin/mfgpu/flags",
        &[
            &["named.rs", "names.rs", "over.rs", "paths.rs", "apart.rs"],
            &[
                "by.rs",
                "colour.rs",
                "listing.rs",
                "spread.rs",
                "titles.rs",
                "settings.rs",
                "input.rs",
                "output.rs",
                "evaluation.rs",
                "new.rs",
                "progress.rs",
                "walk.rs",
                "world.rs",
            ],
            &["train.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/show",
        &[
            &["human.rs"],
            &["table.rs", "json.rs", "talk.rs"],
            &["bar.rs", "listing.rs", "metrics.rs", "phase.rs", "compared.rs", "numbers.rs", "begun.rs"],
            &["rows_done.rs", "aside.rs", "told.rs"],
            &["progress.rs", "summary.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/commands",
        // Commands may not use each other.
        &[&[
            "train.rs",
            "resume.rs",
            "evaluate.rs",
            "predict.rs",
            "recommend",
            "similar.rs",
            "find.rs",
            "complete",
            "export",
            "describe",
            "runs.rs",
            "report.rs",
            "generate.rs",
            "devices.rs",
            "bench.rs",
            "prepare.rs",
            "compare.rs",
            "completions.rs",
            "manual.rs",
        ]],
    ),
    ("src/bin/mfgpu/commands/complete", &[&["disk.rs"], &["mod.rs"]]),
    (
        "src/bin/mfgpu/commands/describe",
        &[&["description.rs"], &["axes.rs", "ratings.rs"], &["model.rs"], &["run.rs"], &["mod.rs"]],
    ),
    ("src/bin/mfgpu/commands/export", &[&["directory.rs", "format.rs"], &["vectors.rs"], &["mod.rs"]]),
    ("src/bin/mfgpu/commands/recommend", &[&["items.rs", "seen.rs", "users.rs"], &["mod.rs"]]),
];

/// The parts that must have inner floors.
pub(crate) const CROWDED: [&str; 5] = ["src/train", "src/input", "src/gpu", "src/run", "src/bin/mfgpu"];
