#!/bin/sh
# Programs that the tests read feeds with, from Debian's packages. Installed when run as root; else what is missing is
# said, and the tests that need it say so as they skip.
set -u
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need chromium chromium
need xmllint libxml2-utils
need pdfinfo poppler-utils
need qpdf qpdf
need curl curl
PATH="$PATH:/usr/sbin" need sshd openssh-server
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing$missing"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/tmp/needs.log 2>&1 && exit 0
  tail -n 3 /tmp/needs.log
fi
echo "MISSING, so some tests will be skipped:$missing (Debian packages)"
