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
strace:strace:killing the daemon at a chosen system call
openssl:openssl:certificates for encrypted connections
kill:procps:ending the daemon as the system would
setpriv:util-linux:running without the rights of root
lftp:lftp:a partner that drops files by FTP
curl:curl:a partner that drops files by FTP
'

# folder:program:packages:libraries that they need:what for
# Servers whose packages exclude each other are unpacked below this folder and not installed.
store=/var/cache/orderdock-tests
unpacked='
vsftpd:usr/sbin/vsftpd:vsftpd:libpam0g libssl3 libcap2 libwrap0:an FTP server
proftpd:usr/sbin/proftpd:proftpd-core proftpd-mod-crypto:libssl3 libsodium23 libpcre2-8-0 libpcre2-posix3 libhiredis0.14 libmemcached11 libmemcachedutil2 libidn2-0 libacl1 libncursesw6:an FTP and SFTP server
pure-ftpd:usr/sbin/pure-ftpd:pure-ftpd pure-ftpd-common:libpam0g libssl3 libcap2 libsodium23:an FTP server
'

missing=''
while IFS=: read -r command package purpose; do
  [ -n "$command" ] || continue
  command -v "$command" >/dev/null 2>&1 && continue
  echo "missing: $command ($purpose), in the package $package"
  missing="$missing $package"
done <<EOT
$needs
EOT

# One "folder packages" a line.
fetched=''
while IFS=: read -r folder program packages libraries purpose; do
  [ -n "$folder" ] || continue
  [ ! -x "$store/$folder/$program" ] || continue
  echo "missing: $program ($purpose), in the package $packages"
  missing="$missing $libraries"
  fetched="$fetched$folder $packages
"
done <<EOT
$unpacked
EOT

[ -n "$missing" ] || { echo "All that the tests need is here."; exit 0; }
[ "${1:-}" != --check ] || exit 1
[ "$(id -u)" = 0 ] || { echo "Run this as root, or install:$missing" >&2; exit 1; }
command -v apt-get >/dev/null 2>&1 || { echo "There is no apt-get here; please install by other means:$missing" >&2; exit 1; }

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
# shellcheck disable=SC2086 # one word a package
apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing ||
  { apt-get -qq update && apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; }

umask 022
printf %s "$fetched" | while read -r folder packages; do
  mkdir -p "$store"
  work=$(mktemp -d "$store/.new.XXXXXX")
  # shellcheck disable=SC2086 # one word a package
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download $packages)
  for package in "$work"/*.deb; do dpkg -x "$package" "$work/root"; done
  # Servers drop their rights and must still reach in.
  chmod 755 "$work" "$work/root"
  rm -rf "${store:?}/$folder"
  mv "$work/root" "$store/$folder"
  rm -rf "$work"
done
echo "Installed:$missing"
