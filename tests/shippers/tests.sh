# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The same for each shipper: the file and the collector have each record of the journal once, and no other file has it.

storm_size=${quick:+3000}
storm_size=${storm_size:-25000} # more than imjournal lets pass by default
# shellcheck disable=SC2034 # for tests/system/lib/journal.sh
wait_seconds=120
rotated=() # files that the shipper wrote before

cp "$build/tests/system/storm" "$machine_root/usr/local/bin/storm"
in_machine systemctl start collector
in_machine systemctl restart "$shipper"
# The kernel is the host's, and what else is executed there does not matter here.
configure <<<$'[Trace]\nPidNamespace=self'
in_machine systemctl restart exectraced

# complete POSITION [OPTION...]: every record since is once in the file and once at the collector, whole; executes a last one.
# OPTION is one of compare's, for the collector.
complete() {
    local position=$1 path
    shift
    path=$(program "$(unique last)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    records "$position" _SYSTEMD_UNIT=exectraced.service >"$work/journal"
    echo "in the file:"
    "$shippers/lib/compare" "$work/journal" "$path" "${rotated[@]}" "$machine_root$host_file"
    echo "at the collector:"
    "$shippers/lib/compare" "$@" "$work/journal" "$path" "$machine_root$(collector_file)"
}

# during_storm COMMAND...: in the machine, in the middle of one.
during_storm() {
    local name path
    name=$(unique during)
    path=$(program "$name")
    in_machine systemd-run --quiet --unit "$name" --property Type=exec storm "$path" 1000000 1000
    wait_record "EXEC_FILENAME=$path" >/dev/null
    in_machine "$@"
    follow "$(journal_position)" "EXEC_FILENAME=$path" >/dev/null
    equal "the storm goes on" "$(in_machine systemctl show --value --property ActiveState "$name")" active
    in_machine systemctl stop "$name"
}

test_storm_is_once_in_the_file_and_at_the_collector() {
    local path position
    path=$(program "$(unique storm)")
    position=$(journal_position)
    in_machine systemd-run --quiet --wait --collect storm "$path" "$storm_size"
    complete "$position"
}

test_nothing_is_in_other_files() {
    local line path
    path=$(program "$(unique other)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    line=$(unique line)
    in_machine logger --priority authpriv.info --tag somebody "$line"
    line_of "$line" "$machine_root/var/log/auth.log" >/dev/null
    equal "lines of another program in auth.log" "$(grep --count "$line" "$machine_root/var/log/auth.log")" 1
    equal "lines of records" "$(grep --files-with-matches 'exectrace\(\[[0-9]*\]\)\?:' "$machine_root"/var/log/{auth.log,syslog,messages,user.log} \
        2>/dev/null)" ""
}

test_forged_records_are_in_no_file() {
    local position forged
    forged=$(unique forged)
    position=$(journal_position)
    in_machine sh -c "printf 'SYSLOG_IDENTIFIER=exectrace\n_SYSTEMD_UNIT=exectraced.service\nEXEC_SEQ=1\nMESSAGE=%s\n' $forged |
        logger --journald"
    follow "$position" "MESSAGE=$forged"
    complete "$position"
    equal "who wrote what is in the file" "$(jq --raw-output ._SYSTEMD_UNIT "$machine_root$host_file" | sort -u)" exectraced.service
    ! grep --quiet "\"MESSAGE\": *\"$forged\"" "$machine_root$host_file"
}

# Every field may be there more than once in the journal. Of those that are, the last value is left, so all are in one more.
test_repeated_fields() {
    local path line
    path=$(program "$(unique flags)")
    chmod 6755 "$machine_root$path"
    in_machine setpriv --reuid 1234 --regid 1234 --clear-groups "$path"
    equal "in the journal" "$(wait_record "EXEC_FILENAME=$path" | jq --compact-output .EXEC_FLAG)" '["setuid","setgid"]'
    for line in "$host_file" "$(collector_file)"; do
        line=$(line_of "${path##*/}]" "$machine_root$line")
        echo "measured: $(jq --compact-output '{EXEC_FLAG, EXEC_FLAGS}' <<<"$line")"
        equal "joined" "$(jq --raw-output .EXEC_FLAGS <<<"$line")" setuid,setgid
    done
}

test_hard_arguments() {
    local position path
    path=$(program "$(unique hard)")
    position=$(journal_position)
    in_machine "$path" '' $'two\nlines' $'\001\033[31m\177' $'\303\050\377' 'ä "quoted" \ back' '{"EXEC_SEQ":1}' '%msg% ${HOST} $(x)'
    # 32 KiB, of which each byte takes six.
    in_machine bash -c "$path \$(printf '\\001%.0s' {1..32000})"
    in_machine bash -c "$path \$(printf 'x%.0s' {1..32000})"
    # Directories and paths may be any bytes.
    in_machine bash -c "mkdir -p \$'/tmp/not \\377 UTF-8\\nfor sure' && cd \$'/tmp/not \\377 UTF-8\\nfor sure' && $path in"
    complete "$position"
    echo "measured: $(LC_ALL=C grep --text --only-matching 'EXEC_CWD": *"[^"]*not [^"]*"' "$machine_root$host_file" | tail -n 1 | cat -v)"
}

test_shipper_restarts_meanwhile() {
    local position
    position=$(journal_position)
    during_storm systemctl restart "$shipper"
    complete "$position"
}

test_doctor_agrees() {
    local said
    said=$(in_machine exectl doctor syslog)
    equal "the verdict in: $said" "${said%% *}" ok
    contains "what it found" "$said" "a rule for the records"
}
