-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Which numbers are missing, or there twice, for each host and boot? As: exectl gaps
-- Where the service was stopped and started, the numbers begin at 1 again: that is another run. "lost" and "suppressed" are
-- what the daemon says of itself; "missing" is what nothing explains. What is missing at the end of a run shows once
-- something newer of the run is there.
-- A record has the time of the exec, "started" that at which the journal received it, so a run begins 2 s before it, but not
-- before "stopped" of the run before.
--     ask 09
SELECT any(host) AS of_host, boot_id, run, min(from_seq) AS first_number, max(to_seq) AS last_number, sum(record) AS recorded,
    recorded - uniqExactIf(to_seq, record = 1) AS twice, sum(lost_now) AS lost, sum(suppressed_now) AS suppressed,
    toInt64(last_number) - toInt64(first_number) + 1 - toInt64(recorded - twice) - toInt64(lost) - toInt64(suppressed) AS missing,
    min(time) AS first_time, max(time) AS last_time
FROM
(
    SELECT host, boot_id, arrayCount(s -> s <= at, starts) AS run, time, from_seq, to_seq, record, lost_now, suppressed_now
    FROM
    (
        SELECT host, boot_id, at, time, from_seq, to_seq, record, lost_now, suppressed_now, starts
        FROM
        (
            SELECT host, boot_id, toUInt64(toUInt32(time)) * 1000000 + usec AS at, time, seq AS from_seq, seq AS to_seq,
                toUInt64(1) AS record, toUInt64(0) AS lost_now, toUInt64(0) AS suppressed_now
            FROM exectraced.execs
            WHERE seq > 0
            UNION ALL
            SELECT host, boot_id, toUInt64(toUInt32(time)) * 1000000 + usec AS at, time,
                if(event = 'lost', visitParamExtractUInt(rest, 'exec_lost_seq_first'), toUInt64(1)) AS from_seq,
                if(event = 'lost', visitParamExtractUInt(rest, 'exec_lost_seq_last'), visitParamExtractUInt(rest, 'exec_seq')) AS to_seq,
                toUInt64(0) AS record,
                if(event = 'lost', visitParamExtractUInt(rest, 'exec_lost'), toUInt64(0)) AS lost_now,
                if(event = 'suppressed', visitParamExtractUInt(rest, 'exec_suppressed'), toUInt64(0)) AS suppressed_now
            FROM exectraced.notices
            WHERE event IN ('suppressed', 'alive', 'stopped')
                OR (event = 'lost' AND visitParamExtractString(rest, 'exec_lost_cause') != 'takeover')
        ) AS numbers
        ALL LEFT JOIN
        (
            SELECT boot_id, groupArrayIf(at, event = 'stopped') AS stops,
                arrayMap(s -> arrayReduce('max', arrayPushBack(arrayFilter(e -> e < s, stops), toUInt64(s - 2000000))),
                         groupArrayIf(at, event = 'started')) AS starts
            FROM
            (
                SELECT boot_id, toUInt64(toUInt32(time)) * 1000000 + usec AS at, event
                FROM exectraced.notices
                WHERE event = 'stopped' OR (event = 'started' AND visitParamExtractUInt(rest, 'exectraced_resumed') = 0)
            )
            GROUP BY boot_id
        ) AS runs USING boot_id
    )
    WHERE at > 0 -- all of them: 18.16 forgets a column that is only in a lambda
)
GROUP BY boot_id, run
ORDER BY missing DESC, twice DESC, lost DESC, of_host, boot_id, run
