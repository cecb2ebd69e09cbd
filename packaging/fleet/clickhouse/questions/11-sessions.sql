-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The sessions of a login on all hosts, with what was typed in them. As: exectl sessions --login=UID
--     ask 11 login=1000 since='2026-11-27 00:00:00'
SELECT host, boot_id, session, any(tty) AS on_tty, min(time) AS first, max(time) AS last, countIf(errno = 0) AS execs,
    arrayMap(x -> x.2, arraySort(x -> x.1, groupArrayIf(((time, usec, seq), arrayStringConcat(argv, ' ')), has(flags, 'interactive'))))
        AS typed
FROM exectraced.execs
WHERE NOT has(flags, 'check') AND loginuid = {login:UInt32} AND session != 4294967295 AND time >= {since:DateTime('UTC')}
GROUP BY host, boot_id, session
ORDER BY first, host, session
