-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What is executed most? by=exe, user or unit. As: exectl top --by=BY
--     ask 07 by=exe since='2026-11-27 00:00:00'
SELECT
    multiIf({by:String} = 'user', toString(uid),
            {by:String} = 'unit', if(user_unit != '' AND (unit = '' OR unit LIKE 'user@%'), user_unit, unit),
            exe != '', exe, filename) AS what,
    count() AS execs, uniq(host) AS hosts, min(time) AS first, max(time) AS last
FROM exectraced.execs
WHERE time >= {since:DateTime('UTC')} AND what != ''
GROUP BY what
ORDER BY execs DESC, what
LIMIT 50
