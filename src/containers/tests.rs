//! The edges of each container, by hand; the rest is in fixtures.
