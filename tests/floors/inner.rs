//! The inner floors of the larger parts: which files and folders may use which.

/// The inner floors of a folder, from the ground up. Each names files and folders; a folder stands for all in
/// it, but for what is named on its own. Files of one entry may use each other; entries of one floor may not.
pub(crate) type Inner<'a> = (&'a str, &'a [&'a [&'a str]]);

/// A table without floors is not checked. Folders of folders may have tables of their own.
pub(crate) const INNER: &[Inner] = &[
    (
        "src/train",
        &[
            // What is chosen, and what happens in a row.
            &["choices.rs", "row"],
            &["settings.rs", "state.rs", "problem.rs"],
            &["candidate.rs", "engine"],
            // How good a state is, and what is told of it.
            &["criterion"],
            &["curve.rs"],
            &["event.rs"],
            // What the algorithms are, and what a loop sees of the outside.
            &["algorithm", "monitor.rs"],
            // Between a model and training.
            &["deliver"],
            &["training.rs"],
            // The loops.
            &["schedule"],
        ],
    ),
    (
        "src/train/algorithm",
        &[
            &["definition.rs", "pause.rs", "hyper.rs", "views.rs"],
            &["sgd.rs", "als.rs", "bayes.rs"],
            &["kind.rs", "method.rs"],
        ],
    ),
    ("src/train/criterion", &[&["kind.rs", "measured.rs"], &["score.rs", "rmse.rs"], &["measure.rs"]]),
    (
        "src/train/schedule",
        &[
            &["chain.rs", "opened.rs", "residuals.rs"],
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
        "src/input",
        &[
            // What a reader is asked for, and how a file is laid out.
            &["options.rs", "layout.rs", "header.rs"],
            // Bytes of a file, one field, one id.
            &["open.rs", "quotes.rs", "field.rs", "number.rs", "table.rs"],
            &["directory.rs", "text.rs", "time.rs", "dictionary.rs"],
            // Which column is what, and which ids are known.
            &["columns.rs", "known.rs"],
            &["rows.rs"],
            &["format"],
            // A file is recognised and cut.
            &["sniff.rs", "pieces.rs"],
            &["cutter.rs", "names.rs"],
            // All files together.
            &["gather.rs"],
            &["duplicates.rs"],
            &["mod.rs"],
            // From memory, too.
            &["dataset.rs"],
        ],
    ),
    (
        "src/gpu",
        &[
            // What is asked for and what is said, in plain values.
            &["budget.rs", "description.rs"],
            &["adapter.rs", "choice.rs", "options.rs"],
            &["device.rs", "disabled.rs"],
            // What lies on a device.
            &["open.rs", "buffer.rs", "texture.rs", "rows.rs"],
            &["transfer.rs", "params.rs", "template.rs", "trusted.rs"],
            // What runs on it.
            &["kernel.rs"],
            &["kernels", "commands.rs"],
            &["operations", "clock.rs"],
        ],
    ),
    (
        "src/run",
        &[
            // How files, times and slices are written.
            &["names.rs", "now.rs", "json.rs", "limits.rs", "slice.rs"],
            // What is chosen, how large it will be, and what comes of it.
            &["config.rs", "plan.rs", "report.rs", "metrics.rs"],
            &["record.rs", "lock.rs", "time_left.rs"],
            &["event.rs", "device.rs", "checkpoint_file.rs", "context.rs"],
            &["status.rs", "checkpoints.rs", "warm.rs"],
            // What goes in, and where things come out.
            &["held_out.rs", "directory.rs"],
            &["material.rs", "folds.rs", "residuals.rs", "write.rs"],
            &["page"],
            // A whole run.
            &["finish.rs"],
            &["session.rs"],
        ],
    ),
    (
        "src/run/page",
        &[
            &["text.rs", "section.rs"],
            &["sources.rs"],
            &["cells.rs"],
            // No section uses another.
            &[
                "summary.rs",
                "epochs.rs",
                "accuracy.rs",
                "known.rs",
                "calibration.rs",
                "predictions.rs",
                "latent.rs",
                "lists.rs",
                "facts.rs",
            ],
            &["mod.rs"],
        ],
    ),
    (
        "src/bin/mfgpu",
        &[
            &["signals.rs", "threads.rs"],
            &["flags"],
            &["show"],
            &["steps"],
            &["commands"],
            &["arguments.rs"],
            &["main.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/flags",
        &[
            &["named.rs", "names.rs", "over.rs"],
            &["settings.rs", "input.rs", "output.rs", "evaluation.rs", "new.rs", "progress.rs"],
            &["train.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/show",
        &[
            &["human.rs"],
            &["table.rs", "json.rs", "talk.rs"],
            &["metrics.rs", "rows_done.rs"],
            &["progress.rs", "summary.rs"],
        ],
    ),
    (
        "src/bin/mfgpu/commands",
        // No command uses another.
        &[&[
            "train.rs",
            "resume.rs",
            "evaluate.rs",
            "predict.rs",
            "recommend",
            "similar.rs",
            "complete",
            "export.rs",
            "describe",
            "runs.rs",
            "report.rs",
            "generate.rs",
            "devices.rs",
            "bench.rs",
            "completions.rs",
            "manual.rs",
        ]],
    ),
    ("src/bin/mfgpu/commands/complete", &[&["disk.rs"], &["mod.rs"]]),
    (
        "src/bin/mfgpu/commands/describe",
        &[&["description.rs"], &["axes.rs", "ratings.rs"], &["model.rs"], &["run.rs"], &["mod.rs"]],
    ),
    ("src/bin/mfgpu/commands/recommend", &[&["items.rs"], &["mod.rs"]]),
];

/// Parts that must have inner floors.
pub(crate) const CROWDED: [&str; 5] = ["src/train", "src/input", "src/gpu", "src/run", "src/bin/mfgpu"];
