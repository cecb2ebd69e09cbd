-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Who ran a program or a script, on which hosts, since when? As: exectl list PATH
--     ask 02 path=/usr/bin/curl since='2026-11-20 00:00:00'
SELECT host, uid, loginuid, count() AS execs, min(time) AS first, max(time) AS last
FROM exectraced.execs
WHERE (exe = {path:String} OR filename = {path:String}) AND time >= {since:DateTime('UTC')}
GROUP BY host, uid, loginuid
ORDER BY execs DESC, host, uid, loginuid
