-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Which programs and scripts ran for the first time on any host since then? As: exectl new --since=SINCE
-- A script that was started by a relative path is the file of that name in the working directory.
--     ask 03 since='2026-11-27 00:00:00'
SELECT what, min(time) AS first, argMin(host, (time, usec)) AS first_host, uniqExact(host) AS hosts, count() AS execs,
    argMin(argv, (time, usec)) AS example
FROM
(
    SELECT exe AS what, time, usec, host, argv FROM exectraced.execs
    WHERE time >= {since:DateTime('UTC')} AND exe != '' AND errno = 0 AND NOT has(flags, 'check') AND exe NOT IN
    (
        SELECT DISTINCT exe FROM exectraced.execs
        WHERE time < {since:DateTime('UTC')} AND errno = 0 AND NOT has(flags, 'check')
    )
    UNION ALL
    SELECT replaceRegexpAll(if(startsWith(filename, '/'), filename, concat(cwd, '/', filename)), '/+(\\./+)*', '/') AS what,
        time, usec, host, argv
    FROM exectraced.execs
    WHERE time >= {since:DateTime('UTC')} AND has(flags, 'script') AND errno = 0 AND NOT has(flags, 'check') AND what NOT IN
    (
        SELECT DISTINCT replaceRegexpAll(if(startsWith(filename, '/'), filename, concat(cwd, '/', filename)), '/+(\\./+)*', '/')
        FROM exectraced.execs
        WHERE time < {since:DateTime('UTC')} AND has(flags, 'script') AND errno = 0 AND NOT has(flags, 'check')
    )
)
GROUP BY what
ORDER BY first, what
