#!/usr/bin/env bash
# Installs what the comparison with the Linux kernel needs, on Debian and its kin; does nothing where it is there already.
set -euo pipefail

missing=()
for pair in ip:iproute2 iptables-restore:iptables nft:nftables python3:python3; do
  command -v "${pair%%:*}" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}"
