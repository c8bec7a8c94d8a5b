#!/bin/sh
# Installs what the tests need besides cargo (Debian and Ubuntu, as root). Starts no service.
#   tests/install.sh          installs what is missing
#   tests/install.sh --check  only says what is missing; exit 1 if anything is
set -eu
export DEBIAN_FRONTEND=noninteractive
PATH="$PATH:/usr/sbin:/sbin"

# command:package:what for
needs='
postfix:postfix:the mail server that reports are sent through
swaks:swaks:a customer that sends mails
strace:strace:killing the daemon at a chosen system call
openssl:openssl:certificates for encrypted connections
kill:procps:ending the daemon as the system would
setpriv:util-linux:running without the rights of root
unshare:util-linux:servers with accounts of their own
sshd:openssh-server:an SFTP server
sftp:openssh-client:a partner that delivers by SFTP
lftp:lftp:a partner that delivers by SFTP and FTP
curl:curl:a partner that delivers by SFTP and FTP
chromium:chromium:a browser that looks at the console
chromedriver:chromium-driver:driving that browser
faketime:faketime:minutes of silence on a line that take seconds
'

# Servers whose packages exclude each other: unpacked side by side instead of installed.
# name:packages:libraries they need:what for
unpacked='
proftpd:proftpd-core proftpd-mod-crypto:libacl1 libcap2 libcrypt1 libhiredis0.14 libidn2-0 libmemcached11 libmemcachedutil2 libncursesw6 libpam0g libpcre2-8-0 libpcre2-posix3 libsodium23 libssl3 zlib1g:an FTP and SFTP server
dovecot:dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve:libapparmor1 libbz2-1.0 libcap2 libexttextcat-2.0-0 libicu72 liblua5.4-0 liblz4-1 liblzma5 libpam0g libsodium23 libssl3 libstemmer0d libsystemd0 libtirpc3 libunwind8 libwrap0 libzstd1 zlib1g:a mail server with mailboxes
cyrus:cyrus-imapd cyrus-common:libsasl2-modules libsasl2-modules-db sasl2-bin socat libclamav12 libcom-err2 libical3 libicu72 libjansson4 libkrb5-3 libldap-2.5-0 libpcre3 libpq5 libsasl2-2 libsqlite3-0 libssl3 libwrap0 libxapian30 libxml2 libzephyr4 zlib1g:a mail server with mailboxes
courier:courier-imap courier-base courier-authdaemon courier-authlib courier-authlib-userdb:libcourier-unicode4 libgamin0 libgdbm6 libgnutls30 libidn12 libltdl7 libpcre3:an old-fashioned mail server with mailboxes
pure-ftpd:pure-ftpd pure-ftpd-common:libcap2 libcrypt1 libpam0g libsodium23 libssl3:an FTP server
vsftpd:vsftpd:libcap2 libpam0g libssl3 libwrap0:an FTP server
'
place=${ORDERDOCK_TEST_SERVERS:-/var/cache/orderdock-tests}

# Libraries that are not installed yet.
absent() {
  for package; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || printf ' %s' "$package"
  done
}

missing=''
to_unpack=''
while IFS=: read -r command package purpose; do
  [ -n "$command" ] || continue
  command -v "$command" >/dev/null 2>&1 && continue
  echo "missing: $command ($purpose), in the package $package"
  missing="$missing $package"
done <<EOT
$needs
EOT
while IFS=: read -r name packages libraries purpose; do
  [ -n "$name" ] || continue
  # shellcheck disable=SC2086 # one word a package
  missing="$missing$(absent $libraries)"
  [ -e "$place/$name/.whole" ] && continue
  echo "missing: $name ($purpose), from the packages $packages"
  to_unpack="$to_unpack $name"
done <<EOT
$unpacked
EOT

[ -n "$missing$to_unpack" ] || { echo "All that the tests need is here."; exit 0; }
[ "${1:-}" != --check ] || exit 1
[ "$(id -u)" = 0 ] || { echo "Run this as root, or install:$missing" >&2; exit 1; }
command -v apt-get >/dev/null 2>&1 || { echo "There is no apt-get here; please install by other means:$missing$to_unpack" >&2; exit 1; }

# A test machine serves nobody: no mail name is asked for, and no daemon starts by itself.
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections 2>/dev/null || true
policy=/usr/sbin/policy-rc.d
made=''
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  made=yes
fi
trap '[ -z "$made" ] || rm -f "$policy"' EXIT
get() { apt-get -qq -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root "$@"; }
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086 # one word a package
  get install -y --no-install-recommends $missing ||
    { get update && get install -y --no-install-recommends $missing; }
fi

# Each is whole or not there, whoever else is unpacking at the same time.
unpack() {
  folder=$(mktemp -d)
  # shellcheck disable=SC2086 # one word a package
  (cd "$folder" && { get download $2 || { get update && get download $2; }; })
  for package in "$folder"/*.deb; do dpkg -x "$package" "$folder/all"; done
  touch "$folder/all/.whole"
  chmod 755 "$folder/all"
  mkdir -p "$place"
  rm -rf "${place:?}/$1"
  mv -T "$folder/all" "$place/$1"
  rm -rf "$folder"
}
while IFS=: read -r name packages libraries purpose; do
  case " $to_unpack " in *" $name "*) [ -n "$name" ] && unpack "$name" "$packages" ;; esac
done <<EOT
$unpacked
EOT
echo "Installed:$missing$to_unpack"
