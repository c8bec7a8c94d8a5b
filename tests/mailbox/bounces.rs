//! bounces
