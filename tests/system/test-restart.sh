# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# One process of the daemon after another, while programs are executed without a pause: nothing is missed between them,
# and a stop lets go of everything.

times=20
if [ -n "$quick" ] || [ "$suite" != "$os_codename" ]; then
    times=5
fi
bpftool=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v bpftool)
storm_rate=700 # in a second: what no process takes in a minute finds room in the ring
unit=/run/systemd/system/exectraced.service.d

service_reset
cp "$build/tests/system/storm" "$machine_root/usr/local/bin/storm"

# A build of this tree whose records another version can't read: made meanwhile, for the test that starts it.
other_build() {
    cp -r "$top"/{bpf,config,daemon,meson.build,meson_options.txt,packaging,systemd} "$1" &&
        sed -i 's/^\(#define EXEC_RECORD_ABI\) .*/\1 999/' "$1/bpf/record.h" &&
        meson setup --buildtype=debug --prefix=/usr --sbindir=sbin -Dtests=disabled -Dman=false -Dexectl=false "$1/build" "$1" &&
        meson compile -C "$1/build" exectraced
}
other=$work/other
if [ ! -d "$other" ]; then
    mkdir "$other"
    other_build "$other" >"$other.log" 2>&1 &
    other_pid=$!
fi

# storm_start NAME: a storm that goes on until storm_end; its first program is recorded when this returns.
storm_start() {
    storm_unit=$1
    storm_path=$(program "$1")
    storm_position=$(journal_position)
    in_machine systemd-run --quiet --collect --unit "$1" --property Type=exec storm "$storm_path" 100000000 "$storm_rate"
    wait_record "EXEC_FILENAME=$storm_path" >/dev/null
}

storm_end() {
    in_machine systemctl stop "$storm_unit"
    barrier
}

# account: of all records since the storm began a line with EXEC_SEQ, filename and number of the program.
account() {
    # shellcheck disable=SC2034 # for records()
    local fields=EXEC_SEQ,EXEC_FILENAME,EXEC_ARGV,EXECTRACED_EVENT
    records "$storm_position" _SYSTEMD_UNIT=exectraced.service |
        jq --raw-output 'select(.EXEC_SEQ and (.EXECTRACED_EVENT | not)) | [.EXEC_SEQ, .EXEC_FILENAME, (.EXEC_ARGV // "[]" | fromjson | .[1] // "")] | @tsv'
}

# judge TWICE <ACCOUNT: that each number of the storm is there, with one EXEC_SEQ, and no EXEC_SEQ is missing; at most TWICE
# records are there twice. Prints how much of all that there is. A program that the storm's end interrupts may be
# the last one only.
judge() {
    sort --numeric-sort | awk -F '\t' -v path="$storm_path" -v allowed="$1" '
        NR > 1 && $1 > last + 1 { print "numbers " last + 1 " to " $1 - 1 " are missing"; bad = 1 }
        NR > 1 && $1 == last { twice++ }
        { last = $1 }
        $2 == path {
            if ($3 in seq && seq[$3] != $1) { print "program " $3 " has the numbers " seq[$3] " and " $1; bad = 1 }
            if (!($3 in seq)) n++
            seq[$3] = $1
            if ($3 > most) most = $3
        }
        END {
            if (n != most) { print n " of " most " programs are recorded"; bad = 1 }
            if (twice > allowed) { print twice " records are there twice"; bad = 1 }
            print n " programs, " twice + 0 " of " NR " records twice"
            exit bad || n == 0
        }'
}

# resumed COUNT: that the last COUNT starts of the service left no gap, by its own word.
resumed() {
    local starts
    starts=$(records "$storm_position" EXECTRACED_EVENT=started)
    equal "starts" "$(jq --slurp length <<<"$starts")" "$1"
    equal "starts after a gap" "$(jq --raw-output 'select(.EXECTRACED_RESUMED == null) | .MESSAGE' <<<"$starts")" ""
    equal "records of losses" "$(records "$storm_position" EXECTRACED_EVENT=lost)" ""
}

# balance: the sums of a stop agree with each other, and with what the journal has since the last start from nothing.
balance() {
    local position stopped lost recorded
    position=$(journal_position)
    in_machine systemctl stop exectraced
    stopped=$(wait_event "$position" stopped)
    recorded=$(in_machine journalctl --quiet --output json --output-fields EXEC_SEQ,EXECTRACED_EVENT,EXECTRACED_RESUMED,EXEC_LOST \
        --identifier exectrace _SYSTEMD_UNIT=exectraced.service |
        jq --slurp --compact-output '(map(.EXECTRACED_EVENT == "started" and (.EXECTRACED_RESUMED // "0") == "0") | rindex(true)) as $begin |
            .[$begin:] | [(map(select(.EXECTRACED_EVENT | not) | .EXEC_SEQ // empty) | unique | length), (map(select(.EXECTRACED_EVENT == "lost") | .EXEC_LOST | tonumber) | add // 0)]')
    lost=$(jq '.[1]' <<<"$recorded")
    equal recorded "$(field EXEC_RECORDED <<<"$stopped")" "$(jq '.[0]' <<<"$recorded")"
    equal lost "$(field EXEC_LOST <<<"$stopped")" "$lost"
    in_machine systemctl start exectraced
}

test_restarted_in_a_storm() {
    storm_start "$(unique restarted)"
    in_machine sh -c "for i in \$(seq $times); do systemctl restart exectraced || exit; done"
    storm_end
    resumed "$times"
    account | judge 0
    balance
}

test_killed_in_a_storm() {
    in_machine sh -c "mkdir -p $unit && printf '[Service]\nRestartSec=10ms\n' >$unit/restart.conf && systemctl daemon-reload"
    storm_start "$(unique killed)"
    # Killed again as soon as it says that it is ready.
    in_machine sh -c "
        main() { systemctl show --value --property MainPID exectraced; }
        for i in \$(seq $times); do
            killed=\$(main)
            kill -KILL \$killed || exit
            until [ \$(main) != \$killed ] && systemctl is-active --quiet exectraced; do :; done
        done"
    storm_end
    # What one process handed over and could not note any more the next one hands over once more: 64 at most.
    resumed "$times"
    account | judge $((times * 64))
    balance
    in_machine sh -c "rm -r $unit && systemctl daemon-reload"
}

test_configuration_changes_at_restarts() {
    local size record
    storm_start "$(unique changed)"
    for size in 32M 4M 8M; do
        configure <<<"[Trace]"$'\n'"EventBuffer=$size"$'\n'"Failures=$([ "$size" = 4M ] && echo no || echo yes)"$'\n'"[Output]"$'\n'"Label=SIZE=$size"
        in_machine systemctl restart exectraced
    done
    storm_end
    account | judge 0
    resumed 3
    record=$(wait_record "EXEC_FILENAME=$storm_path" EXEC_LABEL_SIZE=8M)
    equal unit "$(field EXEC_UNIT <<<"$record")" "$storm_unit.service"
    configure </dev/null
    in_machine systemctl restart exectraced
    balance
}

# programs: the ids of the BPF programs that the service holds.
programs() {
    in_machine sh -c "cat /proc/$(show MainPID)/fdinfo/*" | sed -n 's/^prog_id:[[:space:]]*//p' | sort --unique
}

test_stop_lets_go_of_everything() {
    local ids id deadline
    ids=$(programs)
    [ "$(wc -w <<<"$ids")" -ge 4 ]
    for id in $ids; do
        "$bpftool" prog show id "$id"
    done
    # One that was taken over is no different.
    in_machine systemctl restart exectraced
    ids=$(programs)
    in_machine systemctl stop exectraced
    deadline=$((SECONDS + 10))
    for id in $ids; do
        while "$bpftool" prog show id "$id" >/dev/null 2>&1; do
            [ "$SECONDS" -lt "$deadline" ] || fail "program $id is loaded still: $("$bpftool" prog show id "$id")"
        done
    done
    equal "what systemd keeps" "$(show NFileDescriptorStore)" 0
    in_machine systemctl start exectraced
}

test_kept_while_it_runs() {
    [ "$(show NFileDescriptorStore)" -ge 10 ]
    in_machine systemctl restart exectraced
    [ "$(show NFileDescriptorStore)" -lt 32 ]
    equal "complaints of systemd" "$(in_machine journalctl --boot --quiet --output cat --grep 'file descriptors stored' _PID=1 || true)" ""
}

# lost_or_recorded: that of the storm's programs no more are missing than the service says were lost.
lost_or_recorded() {
    local lost missing
    lost=$(records "$storm_position" EXECTRACED_EVENT=lost | jq --raw-output .EXEC_LOST | awk '{ n += $1 } END { print n + 0 }')
    missing=$(account | awk -F '\t' -v path="$storm_path" '$2 == path { n++; if ($3 > most) most = $3 } END { print most - n }')
    echo "lost: $lost, missing of the storm: $missing"
    [ "$missing" -gt 0 ]
    [ "$lost" -ge "$missing" ]
    # What else the machine executes: the restart.
    [ "$lost" -le $((missing + 30)) ]
}

test_version_with_other_records() {
    local position record
    timeout 120 tail --pid="$other_pid" -f /dev/null
    [ -x "$other/build/exectraced" ] || fail "the other build: $(tail -n 5 "$other.log")"
    cp "$machine_root/usr/sbin/exectraced" "$work/exectraced"
    # What others execute on this kernel would be among what is lost.
    configure <<<$'[Trace]\nPidNamespace=self'
    reload
    storm_start "$(unique version)"
    cp --remove-destination "$other/build/exectraced" "$machine_root/usr/sbin/exectraced"
    position=$(journal_position)
    in_machine systemctl restart exectraced
    record=$(wait_event "$position" lost)
    equal cause "$(field EXEC_LOST_CAUSE <<<"$record")" takeover
    equal "goes on from" "$(wait_event "$position" started | field EXECTRACED_RESUMED)" 0
    storm_end
    lost_or_recorded
    # It is taken over from as well.
    in_machine systemctl restart exectraced
    barrier
    balance
    cp --remove-destination "$work/exectraced" "$machine_root/usr/sbin/exectraced"
    service_reset
    barrier
}
