#!/bin/sh
# A first installation starts nothing: it has no database yet. An upgrade
# restarts what runs. dpkg calls this with "configure" and the version before,
# if any; rpm with the number of versions that are installed then.
set -e
case "$1" in
  configure) before="$2" ;;
  1) before="" ;;
  2) before="yes" ;;
  *) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ -z "$before" ] || systemctl try-restart romashka.service
fi
if [ -z "$before" ]; then
  echo "romashka: set the database in /etc/romashka/romashka.env, then: systemctl enable --now romashka"
fi
