//! Mail as its readers and servers see it: the words and parts of what is composed, the way through
//! a real Postfix and scripted bad ones, and silence towards machines.

mod composed;
mod machines;
mod sent;
