# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The shipper under test and its collector, both with the examples of packaging/fleet. The collector is a second process
# of the shipper's program, in the same machine: collector.service. Only names and places are changed in what is shipped,
# and each change has to find what it changes.

shipped=/usr/share/exectraced/fleet
# shellcheck disable=SC2034 # for tests.sh
host_file=/var/log/exectraced.json

# replace FILE PATTERN TEXT: in each line that has PATTERN, of which there must be one.
replace() {
    grep --quiet -- "$2" "$1" || { echo "$1 has no $2"; return 1; }
    sed -i "s|$2|$3|" "$1"
}

# make_certificate AUTHORITY NAME DIRECTORY: what the examples want to find in /etc/exectraced-fleet.
make_certificate() {
    mkdir -p "$3"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$3/key.pem" -out "$3/request" &&
        openssl x509 -req -in "$3/request" -CA "$1/authority.pem" -CAkey "$1/authority.key" -CAcreateserial -days 2 \
            -extfile <(printf 'subjectAltName=DNS:%s\n' "$2") -out "$3/cert.pem" &&
        cp "$1/authority.pem" "$3/trusted.pem"
}

# make_certificates ROOT: of the host and of the collector, and the collector's name.
make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=an authority" \
        -keyout "$work/authority.key" -out "$work/authority.pem" &&
        make_certificate "$work" web1.hosts.example "$1/etc/exectraced-fleet" &&
        make_certificate "$work" collector.example "$1/etc/collector" &&
        printf '127.0.0.1 localhost web1 collector.example\n' >"$1/etc/hosts"
}

# collector_example ROOT EXAMPLE: as it is shipped, with certificates of its own, for there is the host's, too.
collector_example() {
    sed 's|/etc/exectraced-fleet/|/etc/collector/|g' "$1$shipped/$2/exectraced-collector.conf" >"$1/etc/collector/example.conf"
    [ "$(grep --count /etc/collector/ "$1/etc/collector/example.conf")" -ge 2 ]
}

# collector_unit ROOT COMMAND
collector_unit() {
    mkdir -p "$1/var/spool/collector" "$1/var/log/exectraced"
    cat >"$1/etc/systemd/system/collector.service" <<UNIT
[Service]
Type=notify
ExecStart=$2
ExecReload=/bin/kill -HUP \$MAINPID
UNIT
}

# shipper_install ROOT: the shipper of ROOT as the manual page says, and its collector.
shipper_install() {
    printf 'web1\n' >"$1/etc/hostname"
    make_certificates "$1" && "install_${shipper//-/_}" "$1"
}

install_rsyslog() {
    local root=$1 examples=$1$shipped/rsyslog
    cp "$examples"/{09,10,11}-exectraced*.conf "$root/etc/rsyslog.d/"
    replace "$root/etc/rsyslog.d/10-exectraced.conf" '#call exectraced-forward' 'call exectraced-forward' || return
    collector_example "$root" rsyslog || return
    printf 'global(workDirectory="/var/spool/collector")\ninclude(file="/etc/collector/example.conf")\n' >"$root/etc/collector.conf"
    collector_unit "$root" "/usr/sbin/rsyslogd -n -iNONE -f /etc/collector.conf"
    systemctl --root="$root" --quiet enable rsyslog.service
}

install_syslog_ng() {
    local root=$1 examples=$1$shipped/syslog-ng
    mkdir -p "$root/etc/syslog-ng/conf.d"
    cp "$examples"/exectraced{,-forward}.conf "$root/etc/syslog-ng/conf.d/"
    sed -n '1,/^@include "scl.conf"/p' "$root/etc/syslog-ng/syslog-ng.conf" >"$root/etc/collector.conf"
    collector_example "$root" syslog-ng || return
    printf '@include "/etc/collector/example.conf"\n' >>"$root/etc/collector.conf"
    collector_unit "$root" "/usr/sbin/syslog-ng -F -f /etc/collector.conf -R /var/spool/collector/persist \
-c /run/collector.ctl -p /run/collector.pid"
    systemctl --root="$root" --quiet enable syslog-ng.service
}

# What the comments in the examples say of ArgumentBytes=1M.
shipper_allow_megabytes() {
    case $shipper in
        rsyslog)
            replace "$machine_root/etc/rsyslog.d/09-exectraced-imjournal.conf" 'maxMessageSize="512k"' 'maxMessageSize="8m"'
            replace "$machine_root/etc/collector/example.conf" 'maxMessageSize="1m"' 'maxMessageSize="10m"'
            replace "$machine_root/etc/collector/example.conf" 'maxDataSize="1m"' 'maxDataSize="10m"'
            ;;
        syslog-ng)
            replace "$machine_root/etc/collector/example.conf" 'log-msg-size(1048576)' 'log-msg-size(10485760)'
            ;;
    esac
    in_machine systemctl restart collector "$shipper"
}

# The collector's file of the one host there is: by the name that it has, and its address, or by the name in its certificate.
collector_file() {
    case $shipper in
        rsyslog) printf '/var/log/exectraced/web1_127.0.0.1.json\n' ;;
        syslog-ng) printf '/var/log/exectraced/web1.hosts.example.json\n' ;;
    esac
}

# line_from TEXT COMMAND...: the first line with TEXT in it of a COMMAND that does not end by itself. Where it prints megabytes,
# a loop of the shell would take minutes.
line_from() {
    local text=$1 follower found=0
    shift
    exec {lines_fd}< <(exec "$@" 2>/dev/null)
    follower=$!
    timeout "$wait_seconds" grep --max-count=1 --fixed-strings -- "$text" <&"$lines_fd" || found=$?
    kill "$follower"
    exec {lines_fd}<&-
    [ "$found" -eq 0 ] || fail "nothing within $wait_seconds s from $*: $text"
}

# line_of TEXT FILE: the same of a file, which need not be there yet.
line_of() {
    line_from "$1" tail --lines=+1 --follow=name --retry "$2"
}
