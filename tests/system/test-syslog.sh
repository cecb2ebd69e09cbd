# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Target=syslog, with rsyslog as Debian configures it, and beside the journal.

service_reset
# Enabled, too: that gives it the name by which its socket starts it.
in_machine systemctl enable --quiet --now rsyslog

# wait_line TEXT: the first line of auth.log with TEXT in it, once it is there.
wait_line() {
    first_line "$1" tail --lines +1 --follow=name --retry "$machine_root/var/log/auth.log"
}

# split_fields: the NAME=value pairs of the line on standard input as one JSON object.
split_fields() {
    python3 -c '
import json, re, sys

text = sys.stdin.read().rstrip("\n")
pairs = re.findall(r" ([A-Z0-9_]+)=(\"(?:[^\"\\]|\\.)*\"|\S*)", text[text.index("] ") :])
print(json.dumps({name: json.loads(value) if value.startswith("\"") else value for name, value in pairs}))'
}

test_lines_in_auth_log() {
    local path line fields
    path=$(program "$(unique syslog)")
    configure <<<$'[Output]\nTarget=syslog\nLabel=SITE=a "quoted" word'
    in_machine systemctl restart exectraced
    in_machine setpriv --reuid 1234 "$path" one 'two words' EXEC_UID=0
    line=$(wait_line "filename=$path]")
    echo "$line"
    [[ $line =~ \ exectrace(\[[0-9]+\])?:\ \[ ]] || fail "not exectrace's: $line"
    contains message "$line" "filename=$path] $path one 'two words' EXEC_UID\\=0"
    fields=$(split_fields <<<"$line")
    equal uid "$(field EXEC_UID <<<"$fields")" 1234
    equal filename "$(field EXEC_FILENAME <<<"$fields")" "$path"
    equal argv "$(field EXEC_ARGV <<<"$fields" | jq --compact-output .)" "[\"$path\",\"one\",\"two words\",\"EXEC_UID=0\"]"
    equal label "$(field EXEC_LABEL_SITE <<<"$fields")" 'a "quoted" word'
}

test_burst_is_complete() {
    local path
    path=$(program "$(unique burst)")
    in_machine storm "$path" 2000
    wait_line "filename=$path] $path 2000 " >/dev/null
    equal lines "$(grep --count "filename[=]$path]" "$machine_root/var/log/auth.log")" 2000
}

test_syslog_daemon_restarts() {
    local path
    path=$(program "$(unique restarted)")
    in_machine systemctl restart rsyslog
    in_machine "$path"
    wait_line "filename=$path]"
}

test_reload_goes_back_to_the_journal() {
    local path
    path=$(program "$(unique journal)")
    configure </dev/null
    reload
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" _TRANSPORT=journal
    in_machine systemctl disable --quiet --now rsyslog syslog.socket
}
