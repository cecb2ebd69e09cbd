# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What concerns rsyslog alone.

# write_rhel_config LIMIT: rsyslog reads everything from the journal, as on RHEL and Fedora.
write_rhel_config() {
    rm -f "$machine_root/etc/rsyslog.d/09-exectraced-imjournal.conf"
    cat >"$machine_root/etc/rsyslog.conf" <<CONFIG
module(load="imuxsock" SysSock.Use="off")
module(load="imjournal" StateFile="imjournal.state" $1)
global(workDirectory="/var/lib/rsyslog" maxMessageSize="512k")
include(file="/etc/rsyslog.d/*.conf" mode="optional")
*.info;mail.none;authpriv.none;cron.none /var/log/messages
authpriv.* /var/log/secure
CONFIG
    mkdir -p "$machine_root/var/lib/rsyslog"
    in_machine systemctl restart rsyslog
}

test_imjournal_reads_everything() {
    local position line
    write_rhel_config 'ratelimit.interval="0" IgnorePreviousMessages="on"'
    line=$(unique line)
    # From here on it has read what there was before.
    in_machine logger --priority authpriv.info --tag somebody "$line"
    line_of "$line" "$machine_root/var/log/secure" >/dev/null
    position=$(journal_position)
    in_machine storm "$(program "$(unique everything)")" 2000
    complete "$position"
    equal "lines of another program" "$(grep --count "somebody.*$line" "$machine_root/var/log/secure")" 1
    equal "files with lines of records" "$(grep --files-with-matches 'exectrace\(\[[0-9]*\]\)\?:' \
        "$machine_root"/var/log/{secure,messages})" ""
    contains "what doctor says" "$(in_machine exectl doctor syslog)" "ok "
}

# The trap that the examples avoid. What rsyslog says of it is in the journal.
test_a_limit_would_drop() {
    local said
    write_rhel_config 'ratelimit.interval="600" ratelimit.burst="1000" IgnorePreviousMessages="on"'
    in_machine storm "$(program "$(unique limited)")" 2000
    line_from "begin to drop messages due to rate-limiting" journalctl --directory "$machine_root/var/log/journal" \
        --follow --lines all --output cat --identifier rsyslogd
    said=$(in_machine exectl doctor syslog) && fail "nothing wrong: $said"
    contains "what doctor says" "$said" "20,000"
}
