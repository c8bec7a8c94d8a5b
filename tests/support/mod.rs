//! What the tests stand on: a scratch house, the built program, and the servers around it.

pub(crate) mod chromium;
pub(crate) mod courier;
pub(crate) mod cut;
pub(crate) mod cyrus;
pub(crate) mod dock;
pub(crate) mod dovecot;
pub(crate) mod erp;
pub(crate) mod events;
pub(crate) mod ftpd;
pub(crate) mod http;
pub(crate) mod imapd;
pub(crate) mod keys;
pub(crate) mod openid;
pub(crate) mod partner;
pub(crate) mod postfix;
pub(crate) mod process;
pub(crate) mod proftpd;
pub(crate) mod proxy;
pub(crate) mod pureftpd;
pub(crate) mod smtp;
pub(crate) mod sshd;
pub(crate) mod strange_ftpd;
pub(crate) mod strange_sshd;
pub(crate) mod tls;
pub(crate) mod vsftpd;
pub(crate) mod world;
