-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- How many execs a minute has each host, on average of the minutes that have some, and at most, and when was that?
--     ask 10 since='2026-11-27 00:00:00'
SELECT host, sum(execs) AS total, count() AS minutes, round(total / minutes, 1) AS mean, max(execs) AS most,
    argMax(minute, (execs, -toInt64(minute))) AS busiest
FROM
(
    SELECT host, toStartOfMinute(time) AS minute, count() AS execs
    FROM exectraced.execs
    WHERE time >= {since:DateTime('UTC')}
    GROUP BY host, minute
)
GROUP BY host
ORDER BY most DESC, host
