-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What was executed from memory, or from a file that was deleted? As: exectl list EXEC_FLAG=memfd EXEC_FLAG=deleted
--     ask 08 since='2026-11-27 00:00:00'
SELECT time, usec, host, uid, loginuid, unit, exe, arrayStringConcat(flags, ',') AS how, argv, process, parent, boot_id
FROM exectraced.execs
WHERE (has(flags, 'memfd') OR has(flags, 'deleted')) AND time >= {since:DateTime('UTC')}
ORDER BY time, usec, host
