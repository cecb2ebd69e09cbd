-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- From what does a process come, up to the root, 16 generations at most? As: exectl tree --up
-- A process that was only forked has no record; ancestor names the one above it that has. Of a process that executed several
-- programs in turn, each is a row; its parent is that of the first. From ClickHouse 24.4 on WITH RECURSIVE can do it without
-- this limit, but needs one of its own: in a circle of processes, which only forged records make, it goes on (not run here).
--     ask 05 host=web1 boot=1b69c25f3df9c62427b82fe79c9ea2a3 process=2210-1a3c5f7e90
SELECT level, time, usec, process, pid, uid, loginuid, unit, argv
FROM
(
    SELECT process, time, usec, seq, pid, uid, loginuid, unit, argv FROM exectraced.execs
    WHERE host = {host:String} AND boot_id = {boot:String} AND errno = 0
) AS programs
ALL INNER JOIN -- the right side has each process once, ANY would leave out all programs but one in newer versions
(
    SELECT process, min(place) AS level
    FROM
    (
        SELECT child, above, arrayPushBack(c15, above[indexOf(child, c15[-1])]) AS c16 FROM (
        SELECT child, above, arrayPushBack(c14, above[indexOf(child, c14[-1])]) AS c15 FROM (
        SELECT child, above, arrayPushBack(c13, above[indexOf(child, c13[-1])]) AS c14 FROM (
        SELECT child, above, arrayPushBack(c12, above[indexOf(child, c12[-1])]) AS c13 FROM (
        SELECT child, above, arrayPushBack(c11, above[indexOf(child, c11[-1])]) AS c12 FROM (
        SELECT child, above, arrayPushBack(c10, above[indexOf(child, c10[-1])]) AS c11 FROM (
        SELECT child, above, arrayPushBack(c9, above[indexOf(child, c9[-1])]) AS c10 FROM (
        SELECT child, above, arrayPushBack(c8, above[indexOf(child, c8[-1])]) AS c9 FROM (
        SELECT child, above, arrayPushBack(c7, above[indexOf(child, c7[-1])]) AS c8 FROM (
        SELECT child, above, arrayPushBack(c6, above[indexOf(child, c6[-1])]) AS c7 FROM (
        SELECT child, above, arrayPushBack(c5, above[indexOf(child, c5[-1])]) AS c6 FROM (
        SELECT child, above, arrayPushBack(c4, above[indexOf(child, c4[-1])]) AS c5 FROM (
        SELECT child, above, arrayPushBack(c3, above[indexOf(child, c3[-1])]) AS c4 FROM (
        SELECT child, above, arrayPushBack(c2, above[indexOf(child, c2[-1])]) AS c3 FROM (
        SELECT child, above, arrayPushBack(c1, above[indexOf(child, c1[-1])]) AS c2 FROM (
        SELECT child, above, arrayPushBack(c0, above[indexOf(child, c0[-1])]) AS c1 FROM (
        SELECT groupArray(one) AS child, groupArray(from_one) AS above, [{process:String}] AS c0 FROM (
        SELECT process AS one, argMin(if(ancestor = '', parent, ancestor), (time, usec, seq)) AS from_one
        FROM exectraced.execs
        WHERE host = {host:String} AND boot_id = {boot:String} AND errno = 0 AND process != ''
        GROUP BY one
        )))))))))))))))))
    )
    ARRAY JOIN c16 AS process, arrayEnumerate(c16) AS place
    WHERE process != ''
    GROUP BY process
) AS chain USING process
ORDER BY level DESC, time, usec, seq
