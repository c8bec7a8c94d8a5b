//! Partners drop files with the programs they use, and the running house delivers them.

use std::process::Command;

use super::*;
use crate::support::dock::Dock;
use crate::support::events;
use crate::support::partner::Partner;
use crate::support::pureftpd::PureFtpd;
