//! Finds the files that a command reads and writes among its arguments, whether these come from flags, from
//! variables or from defaults.

use super::apart::{Source, Touched};
use super::paths::{Aside, Content, Named, Output, Reads, Writes};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use mfgpu::model::FILE_NAME;
use mfgpu::run::{self, Config, Slice, names};
use std::path::{Path, PathBuf};

/// The name of standard output where nobody asked for it.
const STDOUT: &str = "standard output";

/// The files that the arguments of the chosen command stand for.
pub(crate) fn touched(command: &Command, matches: &ArgMatches) -> Touched {
    let mut touched = Touched::new();
    let mut printed = false;
    if let Some((name, found)) = matches.subcommand()
        && let Some(chosen) = command.find_subcommand(name)
    {
        for argument in chosen.get_arguments() {
            add(&mut touched, argument, found);
            for one in values::<Writes>(found, argument).into_iter().filter(|one| one.is_stdout()) {
                let asked = found.value_source(argument.get_id().as_str()) != Some(ValueSource::DefaultValue);
                let said = format!("{} {}", flag(argument), one.display());
                touched.prints(if asked { &said } else { STDOUT });
                printed = true;
            }
        }
    }
    if !printed {
        touched.prints(STDOUT);
    }
    touched
}

fn add(touched: &mut Touched, argument: &Arg, found: &ArgMatches) {
    let flag = &flag(argument);
    for path in values::<Reads>(found, argument) {
        read(touched, Source { flag, path }, content(path));
    }
    for path in values::<Writes>(found, argument).into_iter().filter(|path| !path.is_stdout()) {
        let source = Source { flag, path };
        match path.output {
            Output::File => touched.writes(source, [path.to_path_buf()]),
            Output::Several => touched.owes(flag),
            Output::Run => touched.fills(source, run::files_of(path)),
        }
    }
    for Aside(slice) in values(found, argument) {
        if let Slice::File(path) = slice {
            touched.reads_tables(Source { flag, path }, [path.as_path()]);
        }
    }
    if let [Named(one)] = values(found, argument)[..]
        && Path::new(one).is_file()
    {
        touched.reads(Source { flag, path: Path::new(one) }, [PathBuf::from(one)]);
    }
}

fn read(touched: &mut Touched, source: Source, content: Content) {
    let path = source.path;
    match content {
        Content::Ratings => touched.reads_tables(source, [path]),
        Content::Model | Content::Run if !path.is_file() => {
            // Nothing reads the lists and the page of a run.
            let unread = [names::TOP, names::REPORT].map(|name| path.join(name));
            touched.reads(source, run::files_of(path).into_iter().filter(|file| !unread.contains(file)));
        }
        Content::Runs => touched.reads(source, run::statuses_in(path)),
        Content::Resumed => touched.fills(source, run::files_of(path)),
        _ => touched.reads(source, [path.to_owned()]),
    }
    let settings = path.join(names::CONFIG);
    // Settings that cannot be read are for the command to report.
    if [Content::Run, Content::Resumed].contains(&content)
        && settings.is_file()
        && let Ok(config) = Config::load(&settings)
    {
        touched.reads(source, config.inputs());
        touched.reads_tables(source, config.tables().map(PathBuf::as_path));
    }
}

/// What is at a path that may be several things.
fn content(path: &Reads) -> Content {
    let has = |name: &&str| path.join(name).exists();
    match path.content {
        Content::Any if [names::RECORD, names::STATUS, names::CONFIG].iter().any(has) => Content::Run,
        Content::Any if has(&FILE_NAME) => Content::Model,
        Content::Any => Content::Ratings,
        content => content,
    }
}

/// The values of an argument, if they are of this type.
fn values<'a, T: Clone + Send + Sync + 'static>(found: &'a ArgMatches, argument: &Arg) -> Vec<&'a T> {
    let values = found.try_get_many(argument.get_id().as_str());
    values.ok().flatten().into_iter().flatten().collect()
}

/// The name of an argument on the command line.
fn flag(argument: &Arg) -> String {
    match (argument.get_long(), argument.get_value_names()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some([name, ..])) => name.to_string(),
        _ => argument.get_id().to_string(),
    }
}
