//! Errors of the library name settings, as in a file of settings; this file translates them into flags.

use mfgpu::Error;

/// Every setting that has a flag, with its flag.
pub(crate) const FLAGS: &[(&str, &str)] = &[
    ("valid", "--valid"),
    ("test", "--test"),
    ("test_overlap", "--test-overlap"),
    ("folds", "--folds"),
    ("init_from", "--init-from"),
    ("checkpoint_every", "--checkpoint-every"),
    ("max_time", "--max-time"),
    ("device", "--device"),
    ("vram", "--vram"),
    ("memory", "--memory"),
    ("fallback", "--fallback"),
    ("threads", "--threads"),
    ("ranks", "--ranks"),
    ("top", "--top"),
    ("item_names", "--item-names"),
    ("csv_safe", "--csv-safe"),
    ("keep_ratings", "--keep-ratings"),
    ("input.format", "--format"),
    ("input.user_column", "--user-col"),
    ("input.item_column", "--item-col"),
    ("input.rating_column", "--rating-col"),
    ("input.weight_column", "--weight-col"),
    ("input.time_column", "--time-col"),
    ("input.layout", "--layout"),
    ("input.decimal", "--decimal"),
    ("input.thousands", "--thousands"),
    ("input.missing", "--missing"),
    ("input.bad_rows", "--bad-rows"),
    ("input.duplicates", "--duplicates"),
    ("objective", "--objective"),
    ("training.algorithm", "--algorithm"),
    ("training.factors", "--factors"),
    ("lists.factors", "--list-factors"),
    ("training.epochs", "--epochs"),
    ("training.regularization", "--regularization"),
    ("training.power", "--power"),
    ("training.views", "--views"),
    ("training.learning_rate", "--learning-rate"),
    ("training.unobserved_weight", "--unobserved-weight"),
    ("training.alpha", "--alpha"),
    ("training.confidence", "--confidence"),
    ("training.solver", "--solver"),
    ("training.dislikes_below", "--dislikes-below"),
    ("training.criterion", "--criterion"),
    ("training.start", "--start"),
    ("training.stages", "--stages"),
    ("training.burn_in", "--burn-in"),
    ("training.keep_draws", "--keep-draws"),
    ("training.valid", "--valid"),
    ("training.patience", "--patience"),
    ("training.refit", "--refit"),
    ("training.seed", "--seed"),
    ("evaluation.cutoffs", "--cutoffs"),
    ("evaluation.relevance", "--relevant-from"),
    ("evaluation.resamples", "--resamples"),
];

/// The flag of a setting; the setting itself if it has no flag.
pub(crate) fn flag(setting: &str) -> &str {
    FLAGS.iter().find(|(name, _)| *name == setting).map_or(setting, |(_, flag)| flag)
}

/// The text of an error, with flags in place of settings.
pub(crate) fn message(error: &Error) -> String {
    match error {
        Error::Setting { name, found, expected } => {
            let (found, expected) = (found.clone(), expected.clone());
            with_flags(&Error::Setting { name: flag(name), found, expected }.to_string())
        }
        error => with_flags(&error.to_string()),
    }
}

/// Replaces the settings in backquotes by flags: `training.stages` becomes `--stages`, and `vram = 80%`
/// becomes `--vram 80%`. A name without a table and a value is kept, because it may be the user's column or
/// id.
pub(crate) fn with_flags(text: &str) -> String {
    let pieces: Vec<String> = text
        .split('`')
        .enumerate()
        .map(|(n, piece)| {
            let quoted = n % 2 == 1;
            quoted.then(|| as_flag(piece)).flatten().unwrap_or_else(|| piece.to_owned())
        })
        .collect();
    pieces.join("`")
}

fn as_flag(quoted: &str) -> Option<String> {
    let (name, value) = quoted.split_once(" = ").map_or((quoted, None), |(name, value)| (name, Some(value)));
    let (_, flag) = FLAGS.iter().find(|(setting, _)| *setting == name)?;
    match value {
        Some(value) => Some(format!("{flag} {value}")),
        None => name.contains('.').then(|| (*flag).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mfgpu::eval::EvaluationOptions;
    use mfgpu::input::{ReadOptions, read_ratings};
    use mfgpu::run::{Config, Slice};
    use mfgpu::train::Settings;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Every setting that a file may have, with its table, taken from the error that the reader of files
    /// gives for an unknown name.
    fn settings() -> BTreeSet<String> {
        let expected = |table: &str| {
            let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
            let error = toml::from_str::<Config>(&format!("{head}none_such = 1\n")).unwrap_err().to_string();
            let (_, names) = error.split_once("expected one of ").unwrap();
            let dot = if table.is_empty() { "" } else { "." };
            names.split('`').skip(1).step_by(2).map(|name| format!("{table}{dot}{name}")).collect::<Vec<_>>()
        };
        let tables = ["input", "training", "evaluation"];
        let mut all: BTreeSet<String> = expected("").into_iter().collect();
        assert!(tables.iter().all(|table| all.remove(*table)), "{all:?}");
        all.extend(tables.into_iter().flat_map(expected));
        // Settings of lists have the flags of training, but for the one that both need.
        assert!(all.remove("lists") && all.insert("lists.factors".into()));
        all
    }

    /// All settings but the ratings have a flag, whose names are arguments.
    #[test]
    fn all_settings_have_flags() {
        let named: BTreeSet<String> = FLAGS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(named.len(), FLAGS.len(), "none twice");
        let mut settings = settings();
        assert!(settings.len() > 30 && settings.remove("ratings"));
        assert_eq!(named, settings);
    }

    /// Settings named in the library's texts exist, and no such text names a flag of this table.
    #[test]
    fn the_library_names_settings() {
        fn read(folder: &Path, texts: &mut Vec<(String, String)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("bin") {
                    read(&path, texts);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    texts.push((path.display().to_string(), text));
                }
            }
        }
        let mut texts = Vec::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
        let (settings, mut seen) = (settings(), BTreeSet::new());
        let is_word = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        for (path, text) in &texts {
            for table in ["input.", "training.", "evaluation."] {
                for quote in ['"', '`'] {
                    for rest in text.split(&format!("{quote}{table}")).skip(1) {
                        let end = rest.find(|letter| !is_word(letter)).unwrap();
                        let name = format!("{table}{}", &rest[..end]);
                        assert!(settings.contains(&name), "{path}: {name}");
                        seen.insert(name);
                    }
                }
            }
            // A page of a run shows the command that repeats the run, so it may name flags.
            let page = path.contains("/run/page/");
            let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((text, ""));
            for (_, flag) in FLAGS.iter().filter(|_| !page) {
                assert!(!code.contains(flag), "{path}: {flag}");
            }
        }
        assert!(texts.len() > 200 && seen.len() > 15, "{seen:?}");
    }

    #[test]
    fn messages_name_flags() {
        let settings = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            message(&settings.check().unwrap_err())
        };
        assert_eq!(
            settings(|settings| settings.factors = Some(0)),
            "--factors is 0; with this algorithm it may be 1 to 4096"
        );
        assert_eq!(
            settings(|settings| settings.learning_rate = 0.0),
            "--learning-rate is 0; it must be above 0, at most 10"
        );
        let options = EvaluationOptions { resamples: 3, ..EvaluationOptions::default() };
        assert!(message(&options.check().unwrap_err()).starts_with("--resamples is 3; "));
        let ratings = vec!["-".into()];
        let config = |change: fn(&mut Config)| {
            let mut config = Config { ratings: ratings.clone(), ..Config::default() };
            change(&mut config);
            message(&config.check().unwrap_err())
        };
        assert_eq!(config(|config| config.threads = Some(0)), "--threads is 0; it must be at least 1");
        assert_eq!(config(|config| config.folds = Some(1)), "--folds is 1; there must be at least 2");
        assert!(
            config(|config| config.test = Some(Slice::Last(0))).starts_with("--test is last:0; expected ")
        );
        assert!(
            config(|config| config.valid = Some(Slice::Last(0))).starts_with("--valid is last:0; expected ")
        );
        assert!(config(|config| config.valid = Some(Slice::Fraction(2.0))).starts_with("--valid is 2; "));
        let both = config(|config| {
            (config.folds, config.test) = (Some(3), Some(Slice::Last(5)));
        });
        assert!(both.starts_with("--folds is 3 with `--test last:5`; "), "{both}");
    }

    /// The name of a user's column is not taken for a setting.
    #[test]
    fn columns_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        std::fs::write(&path, "threads,device\na,b\n").unwrap();
        let options = ReadOptions { user_column: Some("who".into()), ..ReadOptions::default() };
        let said = message(&read_ratings(&[path], &options, &mut |_, _| Ok(())).unwrap_err());
        let expected = "no column for `--user-col who`; the columns are `threads`, `device`";
        assert!(said.ends_with(expected), "{said}");
        assert_eq!(
            with_flags("more (`vram = SIZE`), `training.start`, `vram` or `training"),
            "more (`--vram SIZE`), `--start`, `vram` or `training"
        );
    }
}
