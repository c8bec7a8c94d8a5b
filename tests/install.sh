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
echo "Installed:$missing"
