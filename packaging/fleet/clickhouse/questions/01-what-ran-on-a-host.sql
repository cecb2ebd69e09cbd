-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What ran on a host within a time? As: exectl list _HOSTNAME=HOST -S SINCE -U UNTIL
--     ask 01 host=web1 since='2026-11-27 10:00:00' until='2026-11-27 10:05:00'
SELECT time, usec, pid, uid, loginuid, tty, unit, arrayStringConcat(flags, ',') AS how, error, argv, process, boot_id
FROM exectraced.execs
WHERE host = {host:String} AND time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
ORDER BY time, usec, seq
