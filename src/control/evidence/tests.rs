//! Names in an archive are names and nothing more.

use super::plain;

#[test]
fn a_name_from_outside_is_one_name_in_the_archive() {
    assert_eq!(plain("../../etc/passwd", 7), "_.._etc_passwd");
    assert_eq!(plain("orders (2).csv", 7), "orders (2).csv");
    assert!(!plain("a:b|c\u{202e}d", 7).contains(['/', '\\', ':']));
    assert_eq!(plain("..", 7), "7");
    assert_eq!(plain("", 7), "7");
}
