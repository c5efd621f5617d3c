//! The frame of a page: its head, the way from section to section, and its foot.

use super::section::Section;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style sheet, the only text that is not escaped.
const STYLE: &str = include_str!("style.css");

/// The content security policy: nothing is loaded and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A page.
pub(super) struct Frame<'a> {
    /// The title in the browser.
    pub(super) title: &'a str,
    /// What stands above the links to the sections.
    pub(super) header: Markup,
    /// What stands below them.
    pub(super) notes: Markup,
    pub(super) sections: Vec<Section>,
    /// When the page is written, for people.
    pub(super) written: &'a str,
}

impl Frame<'_> {
    /// The whole page.
    pub(super) fn page(&self) -> Markup {
        let Self { title, header, notes, sections, written } = self;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · mfgpu" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the results" }
                    (header)
                    nav aria-label="Sections" {
                        ul { @for section in sections { li { a href=(format!("#{}", section.id)) { (section.heading) } } } }
                    }
                    main id="main" {
                        (notes)
                        @for Section { id, heading, content } in sections {
                            section id=(id) aria-labelledby=(format!("{id}-heading")) {
                                h2 id=(format!("{id}-heading")) { (heading) }
                                (content)
                            }
                        }
                    }
                    footer { p { "Written by mfgpu " (env!("CARGO_PKG_VERSION")) ", " (written) "." } }
                }
            }
        }
    }
}
