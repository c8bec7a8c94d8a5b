//! Tables in plain text: columns side by side, each cell wrapped at words within its column.

/// Widest a table gets, in characters; below it nothing is wrapped.
const WIDEST: usize = 100;
/// Narrowest that wrapping makes a column.
const NARROWEST: usize = 16;
const GAP: usize = 2;

/// `heads` over `rows`; columns that are empty in every row are left out.
pub(super) fn render(heads: &[&str], rows: &[Vec<String>]) -> String {
    let used: Vec<usize> = (0..heads.len())
        .filter(|&column| rows.iter().any(|row| !cell(row, column).is_empty()))
        .collect();
    let widths: Vec<usize> = used
        .iter()
        .map(|&column| {
            let head = heads.get(column).map_or(0, |head| width(head));
            rows.iter()
                .map(|row| width(cell(row, column)))
                .fold(head, usize::max)
        })
        .collect();
    let widths = fit(widths);
    let head: Vec<&str> = used
        .iter()
        .filter_map(|&column| heads.get(column).copied())
        .collect();
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let rule: Vec<&str> = rule.iter().map(String::as_str).collect();
    let mut out = String::new();
    put(&mut out, &head, &widths);
    put(&mut out, &rule, &widths);
    let mut tall = false;
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<&str> = used.iter().map(|&column| cell(row, column)).collect();
        let before = out.len();
        let lines = put(&mut out, &cells, &widths);
        // A row of several lines stands free of its neighbours.
        if index > 0 && (tall || lines > 1) {
            out.insert(before, '\n');
        }
        tall = lines > 1;
    }
    out
}

/// Takes from the widest column until all fit.
fn fit(mut widths: Vec<usize>) -> Vec<usize> {
    let room = WIDEST.saturating_sub(GAP * widths.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
}

fn cell(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// Appends one row; returns how many lines it took.
fn put(out: &mut String, cells: &[&str], widths: &[usize]) -> usize {
    let wrapped: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, &width)| wrap(cell, width))
        .collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..lines {
        let mut text = String::new();
        for (cell, &column) in wrapped.iter().zip(widths) {
            let part = cell.get(line).map_or("", String::as_str);
            text.push_str(part);
            text.push_str(&" ".repeat(column.saturating_sub(width(part)) + GAP));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    lines
}

/// `text` in lines of at most `most` characters, broken at blanks, or inside a word that is longer
/// than a line.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let long = width(word);
        if used > 0 && used + 1 + long > most {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let wide = char_width(c);
            if used > 0 && used + wide > most {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += wide;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Two columns for East Asian scripts and emoji, none for combining marks, else one: enough for
/// columns to line up in the names and places that orders hold.
fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200D | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}
