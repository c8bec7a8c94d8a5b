//! Track & Trace Mail: blocks of `name : value` lines that look like HTML comments.
//!
//! ```text
//! <!-- start order
//! orderID : 123456789
//! deliveryTime : 09:01
//! quantity1 : 8
//! packing1 : pallet
//! -->
//! ```
//!
//! Promises: each block is told as an element `order` below `ttm`, its fields as elements by name,
//! the fields of a goods line, which share a number, as one element `goods`. Values keep their
//! colons. A name that comes twice in a block, a line without a colon and a block that is not
//! closed are problems with their line. What stands outside the blocks is the mail's own text.

use super::encoding::{self, Text};
use super::lines::Lines;
use super::{About, Element, FormatKind, Input, Interest, ReadOptions, Records, XmlName};
use crate::limits;
use crate::problem::{Place, Problem};

/// What a block starts with.
pub(super) const START: &str = "<!-- start order";
/// What it ends with.
const END: &str = "-->";

/// Fields of a goods line; with a number behind them they belong to the line of that number.
const GOODS: [&str; 17] = [
    "quantity",
    "packing",
    "goodsID",
    "goodsDescription",
    "goodsNumber",
    "weight",
    "pallets",
    "adr",
    "length",
    "width",
    "height",
    "volume",
    "loadingMeters",
    "sscc",
    "packageID",
    "externalPackageID",
    "pickingZone",
];

/// Reads Track & Trace Mail into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::Ttm)?;
    let mut lines = Lines::new(Text::open(input, &decision)?);
    let about = About {
        format: FormatKind::Ttm,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: None,
        separators: None,
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    if let Some(warning) = decision.warning.clone()
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    let root = [name("ttm")];
    if matches!(records.open(&root, &[]), Interest::Skip | Interest::Stop) {
        return Ok(());
    }
    let mut path = root.to_vec();
    while let Some(order) = block(&mut lines, records)? {
        if !tell(&mut path, &order, records) {
            break;
        }
    }
    Ok(())
}

/// The next block; nothing at the end of the text.
fn block(lines: &mut Lines<'_>, records: &mut dyn Records) -> Result<Option<Element>, Problem> {
    let start = loop {
        match lines.next()? {
            None => return Ok(None),
            Some((number, line)) if line.contains(START) => break number,
            Some(_) => {}
        }
    };
    let mut order = leaf("order", String::new(), start);
    let mut fields = 0;
    loop {
        let Some((number, line)) = lines.next()? else {
            return Err(Problem::error(
                "ttm.truncated",
                format!("The block that starts at line {start} is not closed."),
            )
            .at(Place::line(start, None))
            .expecting("a line with -->")
            .with_hint("The file was probably cut off; send it again."));
        };
        let (text, closed) = match line.split_once(END) {
            Some((text, _)) => (text.trim(), true),
            None => (line.trim(), false),
        };
        fields += 1;
        if fields > limits::EXTRAS_PER_ORDER + limits::LINES_PER_ORDER {
            let what = "The block has more lines than any order needs.";
            return Err(Problem::error("ttm.too-long", what).at(Place::line(number, None)));
        }
        if !text.is_empty()
            && let Err(problem) = field(&mut order, text, number)
            && records.problem(problem).is_break()
        {
            return Ok(None);
        }
        if closed {
            return Ok(Some(order));
        }
    }
}

/// One `name : value` into its block.
fn field(order: &mut Element, text: &str, line: u64) -> Result<(), Problem> {
    let Some((name, value)) = text.split_once(':') else {
        return Err(Problem::error("ttm.no-colon", "The line has no colon.")
            .at(Place::line(line, None))
            .with_value(text)
            .expecting("name : value"));
    };
    let (name, value) = (name.trim(), value.trim().to_owned());
    let (parent, own) = match goods_line(name) {
        Some((field, number)) => (goods(order, number, line), field),
        None => (order, name),
    };
    let same = |child: &Element| child.children.is_empty() && child.name.local == own;
    if parent.children.iter().any(same) {
        return Err(
            Problem::error("ttm.field-twice", "The block has this field twice.")
                .at(Place::line(line, None))
                .with_value(name)
                .with_hint("Keep one of the two."),
        );
    }
    parent.children.push(leaf(own, value, line));
    Ok(())
}

/// `quantity2` is the field `quantity` of the second goods line.
fn goods_line(name: &str) -> Option<(&str, &str)> {
    let field = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.get(field.len()..).unwrap_or_default();
    (!number.is_empty() && GOODS.contains(&field)).then_some((field, number))
}

/// The goods line of this number, made where its first field stands.
fn goods<'o>(order: &'o mut Element, number: &str, line: u64) -> &'o mut Element {
    let is_it = |child: &Element| {
        child.name.local == "goods" && child.attributes.iter().any(|(_, text)| text == number)
    };
    let at = order.children.iter().position(is_it).unwrap_or_else(|| {
        let mut new = leaf("goods", String::new(), line);
        new.attributes.push((name("number"), number.to_owned()));
        order.children.push(new);
        order.children.len() - 1
    });
    &mut order.children[at]
}

/// Tells `element` below `path` as the sink wants it; answers whether to go on.
fn tell(path: &mut Vec<XmlName>, element: &Element, records: &mut dyn Records) -> bool {
    path.push(element.name.clone());
    let goes_on = match records.open(path, &element.attributes) {
        Interest::Record => records.element(path, element).is_continue(),
        Interest::Descend if element.children.is_empty() => {
            element.text.is_empty() || records.text(path, &element.text).is_continue()
        }
        Interest::Descend => element
            .children
            .iter()
            .all(|child| tell(path, child, records)),
        Interest::Skip => true,
        Interest::Stop => false,
    };
    path.pop();
    goes_on
}

fn leaf(local: &str, text: String, line: u64) -> Element {
    Element {
        name: name(local),
        text,
        line,
        ..Element::default()
    }
}

fn name(local: &str) -> XmlName {
    XmlName::bare(local)
}
