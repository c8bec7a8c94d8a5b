//! Bounds of signing in at a provider.

use std::time::Duration;

/// How long a provider's description and keys are believed: they change a few times a year, and a new
/// key is looked for when a signature does not fit.
pub const OPENID_KEPT: Duration = Duration::from_hours(1);
/// Keys are not asked for again within this time: forged tokens must not keep the provider busy.
pub const OPENID_KEYS_REST: Duration = Duration::from_secs(30);
/// Keys of a provider that are tried; it has two or three.
pub const OPENID_KEYS: usize = 20;
/// How far the provider's clock may be from ours.
pub const OPENID_SKEW: Duration = Duration::from_mins(1);
/// Longest mark of a person (OpenID Connect Core 2: 255 ASCII characters).
pub const OPENID_SUBJECT: usize = 255;
/// How long somebody may take at the provider: passwords, codes from a telephone.
pub const SIGN_IN: Duration = Duration::from_mins(10);
/// Sign-ins under way at once; the oldest makes room.
pub const SIGN_INS: usize = 1_000;
/// Longest code that a provider gives a browser, and longest of its words.
pub const SIGN_IN_CHARS: usize = 4_000;
