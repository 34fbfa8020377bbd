#!/bin/sh
# Ends the service when the package goes, not when another version comes.
set -e
case "$1" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now romashka.service
    elif command -v systemctl >/dev/null; then
      systemctl disable romashka.service # its link alone; nothing runs
    fi
    ;;
esac
