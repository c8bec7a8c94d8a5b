//! Bounds of what is read out of files.

/// Largest number of rows in a table: twice Excel's own limit, rounded down.
pub const ROWS: u64 = 2_000_000;
/// Largest number of columns. Excel allows 16,384, but no order layout comes near.
pub const COLUMNS: usize = 1_000;
/// Largest number of cells read as a stream (csv, xlsx, xlsb).
pub const CELLS_STREAMED: u64 = 20_000_000;
/// Largest number of cells where the library holds all of them in memory (xls, ods).
pub const CELLS_DENSE: u64 = 5_000_000;
/// Largest single cell or text node.
pub const CELL_BYTES: usize = 1 << 20;
/// Largest csv row: wide enough for a thousand columns of eight kilobytes each.
pub const CSV_ROW_BYTES: usize = 8 << 20;
/// Text from which the delimiter and quote of a csv file are guessed.
pub const CSV_SAMPLE_BYTES: usize = 32 << 10;
/// Rows from which the delimiter and quote of a csv file are guessed.
pub const CSV_SAMPLE_ROWS: usize = 200;
/// Bytes that are looked at to tell what a file is, and the size of the pieces of a text.
pub const HEAD_BYTES: usize = 64 << 10;
/// Largest row of a sheet: one shared text can be told by a thousand cells.
pub const ROW_BYTES: usize = 16 << 20;
/// Largest sum of the shared texts of a workbook; twice that and its offsets fit in a child.
pub const SHARED_TEXT_BYTES: usize = 128 << 20;
/// Largest spreadsheet in a text form (HTML, SYLK), which is held whole to be decoded.
pub const TEXT_SHEET_BYTES: u64 = 64 << 20;
/// Largest list of parts of a workbook that is looked at.
pub const MANIFEST_BYTES: u64 = 4 << 20;
/// Cell styles of a workbook that are looked at. Excel allows 65,490.
pub const STYLES: usize = 65_536;
/// Merged blocks of a sheet that are looked at; one is enough for the warning.
pub const MERGED_RANGES: usize = 10_000;
/// Largest sum of unpacked bytes of one archive or workbook.
pub const UNPACKED_BYTES: u64 = 500 << 20;
/// Largest ratio of unpacked to packed bytes; counts beyond [`UNPACKED_RATIO_FROM`].
pub const UNPACKED_RATIO: u64 = 100;
/// Below this many unpacked bytes any ratio is fine: small sheets of blanks compress very well.
pub const UNPACKED_RATIO_FROM: u64 = 50 << 20;
/// Largest mail: what mail servers let through, encoded as its attachments are.
pub const MAIL_BYTES: u64 = 50 << 20;
/// Deepest nesting of forwarded messages that is looked into. People stop at three.
pub const MAIL_DEPTH: usize = 20;
/// Most headers and addresses kept of one mail: a list server's mail has some sixty.
pub const MAIL_HEADERS: usize = 500;
/// Longest header value that is kept.
pub const MAIL_HEADER_CHARS: usize = 2_000;
/// Text of a mail in which the words of a mail server, or a file packed as text, are looked for.
pub const MAIL_TEXT_BYTES: usize = 256 << 10;
/// Largest number of members in an archive or workbook.
pub const ARCHIVE_MEMBERS: usize = 2_000;
/// Most of a zip file's directory that is looked at to tell what it is.
pub const ZIP_DIRECTORY_BYTES: usize = 1 << 20;
/// Deepest XML nesting. Real orders stay below 20.
pub const XML_DEPTH: usize = 100;
/// Most attributes of one XML element.
pub const XML_ATTRIBUTES: usize = 256;
/// Largest XML element that is held as one record (an order with 20,000 lines fits).
pub const XML_RECORD_BYTES: usize = 64 << 20;
/// Largest single tag, comment or text of XML before it is understood: room for
/// [`XML_ATTRIBUTES`] long attributes, no room for a gigabyte without an angle bracket.
pub const XML_TOKEN_BYTES: usize = 4 << 20;
/// Most XML namespaces whose names are shared between elements. Real documents use five.
pub const XML_NAMESPACES: usize = 64;
/// Element and attribute names that are held once for all that bear them, one a slot: the largest
/// vocabulary in use, UBL, has some 2,500, of which one document uses a hundred.
pub const XML_NAMES: usize = 512;
/// Longest name that is held so: all slots together stay below 64 KB.
pub const XML_NAME_BYTES: usize = 100;
/// Elements, and values of attributes, whose room is kept for the next record. Records of orders have some hundred; with
/// [`XML_SPARE_TEXT`] and [`XML_SPARE_PARTS`] all of them stay below 4 MB.
pub const XML_SPARE_ELEMENTS: usize = 1024;
/// Bytes of text that such an element keeps room for: a line of an address, not a document.
pub const XML_SPARE_TEXT: usize = 256;
/// Children and attributes that such an element keeps room for.
pub const XML_SPARE_PARTS: usize = 24;
/// Deepest nesting of JSON. A canonical order stays below 10.
pub const JSON_DEPTH: usize = 64;
/// Largest JSON order that is held as one (an order with 20,000 lines fits).
pub const JSON_RECORD_BYTES: usize = 64 << 20;
/// Keys of one JSON object that are checked for repetition by comparing each with each; beyond it a
/// set is used.
pub const JSON_KEYS_COMPARED: usize = 16;
/// Largest segment of EDIFACT or X12. The longest of the standards is a free text of 2,560 characters;
/// a file without its terminators is found here.
pub const SEGMENT_BYTES: usize = 1 << 20;
/// Most elements and components of one segment: ten times what the largest of the standards has.
pub const SEGMENT_PIECES: usize = 2_000;
/// Largest message that is held as one (an order with 20,000 lines fits), in bytes of its texts.
pub const MESSAGE_BYTES: usize = 32 << 20;
/// Most segments of such a message.
pub const MESSAGE_SEGMENTS: usize = 500_000;
