//! Mails as a source: the files in them become orders, their senders hear what was wrong.

mod answers;
mod bounces;
mod corpus;
mod everything;
mod files;
mod imap;
mod parse;

use base64::Engine;

use crate::support::dock::Dock;

/// A mail as somebody writes it: headers beyond the usual ones, and files by name.
pub(crate) struct Mail {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) id: String,
    pub(crate) headers: String,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Mail {
    /// From Jan, with these files.
    pub(crate) fn with(id: &str, files: &[(&str, String)]) -> Self {
        Self {
            from: "Jan <jan@acme.test>",
            to: "edi@example.com",
            subject: "Our orders",
            id: format!("<{id}@acme.test>"),
            headers: String::new(),
            files: files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes()))
                .collect(),
        }
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers += line;
        self.headers += "\r\n";
        self
    }

    /// The message on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = format!(
            "{}From: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: {}\r\nDate: Mon, 02 Mar 2026 09:00:00 \
             +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n\
             --=_b\r\nContent-Type: text/plain\r\n\r\nHello, see attached.\r\n",
            self.headers, self.from, self.to, self.subject, self.id
        );
        for (name, bytes) in &self.files {
            let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
            let lines: Vec<&str> = encoded
                .as_bytes()
                .chunks(76)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            text += &format!(
                "--=_b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; \
                 filename=\"{name}\"\r\n\r\n{}\r\n",
                lines.join("\r\n")
            );
        }
        text += "--=_b--\r\n";
        text.into_bytes()
    }
}

/// A house whose inbox takes mails and archives.
pub(crate) fn house(url: &str, source: &str, more: &str) -> Dock {
    let dock = Dock::new(url, more);
    let text = dock.config().replace(
        "contact = \"partner@example.com\"\n",
        &format!("unpack_mail = true\nunpack_zip = true\n{source}\n"),
    );
    dock.configure(&text);
    dock
}

/// A table of one-line orders with these numbers.
pub(crate) fn table(references: &[&str]) -> String {
    let mut text = String::from("order_id,order_date,sku,quantity,unit,unit_price,currency\n");
    for reference in references {
        text += &format!("{reference},2026-02-01,SKU-1,1,PCE,1.00,EUR\n");
    }
    text
}

/// A table that every reading refuses.
pub(crate) fn bad(reference: &str) -> String {
    table(&[reference]).replace("SKU-1,1,", "SKU-1,ten,")
}

/// A zip archive.
pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
