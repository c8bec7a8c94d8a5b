//! Which characters the bytes of a text are.
