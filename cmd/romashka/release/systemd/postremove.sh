#!/bin/sh
# The account stays, as files elsewhere may be its own.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
