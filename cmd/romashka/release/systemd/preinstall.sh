#!/bin/sh
# The service's account, before files are unpacked that belong to its group.
set -e
getent group romashka >/dev/null || groupadd --system romashka
getent passwd romashka >/dev/null || useradd --system --gid romashka --no-create-home \
  --home-dir /nonexistent --shell /usr/sbin/nologin --comment "ROMASHKA sidecar" romashka
