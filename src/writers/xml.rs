//! XML that we write: elements and text, nothing else.

/// Text of an XML document in the making.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// A document with its declaration.
    pub(crate) fn document() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    /// An element with what `inside` writes; `start` is its name, perhaps with attributes of ours.
    pub(crate) fn within(&mut self, start: &str, inside: impl FnOnce(&mut Self)) {
        let name = start.split(' ').next().unwrap_or(start);
        self.0.extend(["<", start, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
    }

    /// An element with a text; nothing where there is none.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "most texts are made for the call"
    )]
    pub(crate) fn text(&mut self, start: &str, text: Option<impl AsRef<str>>) {
        let text = text.as_ref().map(AsRef::as_ref).unwrap_or_default();
        if !text.trim().is_empty() {
            self.within(start, |xml| xml.0.push_str(&escaped(text)));
        }
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// A text as XML has it. Characters that no XML may hold (XML 1.0, 2.2) become blanks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' => out.push(c),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() && u32::from(c) < 0x20 => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
