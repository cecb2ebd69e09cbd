-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What failed, by error? As: exectl top --by=error
--     ask 06 since='2026-11-27 00:00:00'
SELECT error, count() AS execs, uniq(host) AS hosts, min(time) AS first, max(time) AS last, topK(3)(filename) AS most
FROM exectraced.execs
WHERE errno != 0 AND time >= {since:DateTime('UTC')}
GROUP BY error
ORDER BY execs DESC, error
