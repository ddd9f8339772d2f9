//! What every command prints for people: sections, labelled rows and tables, wrapped to the terminal and never inside a
//! word.
//!
//! Nothing is printed but through [`words::printable`]: names, findings and SBOMs are written by strangers. [`json`]
//! does the same for documents.

use std::io;

use anstyle::{AnsiColor, Style};

pub(crate) mod decision;
pub(crate) mod json;
mod table;
pub(crate) mod words;

/// How wide a page is if there is no terminal to ask.
const WIDTH: usize = 80;
/// The narrowest and the widest page, whatever the terminal's width.
const WIDTH_MIN: usize = 76;
const WIDTH_MAX: usize = 140;
/// How wide the labels of rows are, unless a section has wider ones.
const LABEL: usize = 11;
/// The widest labels of a section.
const LABEL_MAX: usize = 30;
/// What stands before each row.
const INDENT: usize = 2;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// What is well.
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
/// What is not, or not yet.
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Where a command prints.
pub(crate) struct Page<W> {
    out: W,
    width: usize,
    label: usize,
    /// Whether the section has rows already.
    rows: bool,
}

/// A text whose parts may have a style.
#[derive(Debug, Default)]
pub(crate) struct Text(Vec<(Style, String)>);

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(vec![(Style::new(), text.into())])
    }
}

impl Text {
    /// The same text and more.
    pub(crate) fn and(mut self, style: Style, text: impl Into<String>) -> Self {
        self.0.push((style, text.into()));
        self
    }

    /// A text in one style.
    pub(crate) fn styled(style: Style, text: impl Into<String>) -> Self {
        Self::default().and(style, text)
    }

    /// One line, its parts in their styles.
    fn line(&self, part: impl Fn(&str) -> String) -> String {
        let parts = self.0.iter().map(|(style, text)| {
            let text = part(text);
            if *style == Style::new() {
                text
            } else {
                format!("{style}{text}{style:#}")
            }
        });
        parts.collect()
    }
}

impl Page<anstream::Stdout> {
    /// A page on stdout, as wide as the terminal.
    pub(crate) fn stdout() -> Self {
        let columns = terminal_size::terminal_size_of(io::stdout());
        let columns = columns.map_or(WIDTH, |(width, _)| usize::from(width.0));
        Self::new(anstream::stdout(), columns)
    }
}

impl Page<anstream::Stderr> {
    /// A page on stderr. Where there is no terminal, each line is printed whole: programs look for words in it.
    pub(crate) fn stderr() -> Self {
        let columns = terminal_size::terminal_size_of(io::stderr());
        let mut page = Self::new(anstream::stderr(), WIDTH);
        page.width = columns.map_or(usize::MAX, |(width, _)| usize::from(width.0));
        page
    }
}

impl<W: io::Write> Page<W> {
    /// A page on `out`, which takes colours or drops them.
    pub(crate) fn new(out: W, columns: usize) -> Self {
        Self {
            out,
            width: columns.clamp(WIDTH_MIN, WIDTH_MAX),
            label: LABEL,
            rows: false,
        }
    }

    /// A line of its own.
    pub(crate) fn line(&mut self, text: impl Into<Text>) -> io::Result<()> {
        let text = text.into().line(words::printable);
        for line in textwrap::wrap(&text, options(self.width)) {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        self.out.flush()
    }

    /// A line unchanged, however wide.
    pub(crate) fn code(&mut self, text: impl Into<Text>) -> io::Result<()> {
        writeln!(self.out, "{}", text.into().line(words::printable))
    }

    /// The first line.
    pub(crate) fn title(&mut self, text: impl Into<String>) -> io::Result<()> {
        self.line(Text::styled(BOLD, text))
    }

    /// Begins a section.
    pub(crate) fn section(&mut self, title: impl Into<String>) -> io::Result<()> {
        self.section_of(title, [])
    }

    /// Begins a section whose rows have these labels.
    pub(crate) fn section_of<'l>(
        &mut self,
        title: impl Into<String>,
        labels: impl IntoIterator<Item = &'l str>,
    ) -> io::Result<()> {
        let widest = labels.into_iter().map(|label| label.chars().count() + 1);
        self.label = widest.max().unwrap_or(0).clamp(LABEL, LABEL_MAX);
        self.rows = false;
        writeln!(self.out)?;
        self.title(title)
    }

    /// A label and its text; digests in it are shortened.
    pub(crate) fn row(&mut self, label: &str, text: impl Into<Text>) -> io::Result<()> {
        self.labelled(
            label,
            &text
                .into()
                .line(|text| words::with_short_digests(&words::printable(text))),
        )
    }

    /// A digest in full. No label fits beside it.
    pub(crate) fn digest(&mut self, digest: &str) -> io::Result<()> {
        writeln!(self.out, "{:INDENT$}{}", "", words::printable(digest))?;
        self.rows = true;
        self.out.flush()
    }

    fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let label = words::cut(&words::printable(label), self.label);
        let width = self.label;
        let first = format!("{:INDENT$}{DIM}{label:width$}{DIM:#} ", "");
        let blank = " ".repeat(INDENT + width + 1);
        let options = options(self.width).subsequent_indent(&blank);
        let options = options.initial_indent(&first);
        for line in textwrap::wrap(text, options) {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        self.rows = true;
        // Each row is seen as soon as it is true.
        self.out.flush()
    }

    /// A table; nothing where it has no rows. Heads are single words.
    pub(crate) fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.rows {
            writeln!(self.out)?;
        }
        let text = table::render(heads, rows, self.width - INDENT);
        for (number, line) in text.lines().enumerate() {
            if number == 0 {
                writeln!(self.out, "{:INDENT$}{DIM}{line}{DIM:#}", "")?;
            } else {
                writeln!(self.out, "{:INDENT$}{line}", "")?;
            }
        }
        self.out.flush()
    }

    /// What it was printed on.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> W {
        self.out
    }
}

/// Breaks between words alone.
fn options<'o>(width: usize) -> textwrap::Options<'o> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
}

#[cfg(test)]
mod tests;
